// The frame of every page but the room: a quiet bar, the page, and the language switch.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { boot } from '../boot';
import {
  isStaff, keepsBooks, keepsWebhooks, loadMe, me, ownMoney, sells, signedIn, signOut,
} from '../api/me';
import { buyerWords } from '../words/buyer';
import { shared } from '../words/shared';
import { lang, switchLang } from '../words/lang';
import { Mark } from './Calico';
import { Icon, type IconName } from './Icon';
import { attempt, Toasts } from './Toast';

export function LangSwitch({ class: extra = 'btn btn-ghost gap-1.5', short = false }: {
  class?: string; short?: boolean;
}) {
  const to = lang.value === 'en' ? 'zh-CN' : 'en';
  return (
    <button type="button" class={extra} lang={to} aria-label={shared.value.otherLang} data-testid="lang-switch" onClick={() => switchLang(to)}>
      {!short && <Icon name="globe" size={18} />}
      {short ? shared.value.otherLangShort : shared.value.otherLang}
    </button>
  );
}

function Account() {
  const w = shared.value;
  if (!me.value) return <span class="w-24" />;
  if (!signedIn.value) {
    const back = encodeURIComponent(location.pathname + location.search);
    return <a class="btn btn-secondary" href={`/sign-in?next=${back}`} data-testid="sign-in-link">{w.signIn}</a>;
  }
  return (
    <div class="flex items-center gap-1">
      <span class="hidden items-center gap-1.5 text-sm text-quiet md:flex">
        <Icon name="user" size={18} />
        <span class="sr-only">{w.signedInAs}</span>
        <span class="max-w-40 truncate font-medium text-base-content">{me.value.name}</span>
      </span>
      <button type="button" class="btn btn-ghost btn-square" aria-label={w.signOut} title={w.signOut} data-testid="sign-out" onClick={() => void attempt(signOut)}>
        <Icon name="out" />
      </button>
    </div>
  );
}

/** The pages of the catalogue are one place in the menu. */
function inside(href: string): boolean {
  const places = href === '/products' ? [href, '/stock', '/imports'] : [href];
  return places.some((each) => location.pathname.startsWith(each));
}

function Links() {
  const w = shared.value;
  const works = isStaff.value || (me.value?.memberships.length ?? 0) > 0;
  const links: [string, string, IconName, boolean][] = [
    ['/', w.home, 'home', true],
    ['/roster', w.roster, 'calendar', works],
    ['/console', w.console, 'mic', works],
    ['/products', w.products, 'box', sells()],
    ['/cart', buyerWords.value.cart, 'bag', !works],
    ['/orders', buyerWords.value.orders, 'box', !works],
    ['/desk', w.desk, 'truck', works],
    ['/messages', buyerWords.value.messages, 'chat', works],
    ['/finance', w.finance, 'card', keepsBooks.value],
    [`/money/${ownMoney.value}`, w.money, 'card', ownMoney.value !== undefined],
    ['/docs', w.docs, 'doc', true],
    ['/webhooks', w.webhooks, 'link', keepsWebhooks.value],
    ['/peers/mail', w.mail, 'mail', isStaff.value],
  ];
  const menu = useRef<HTMLElement>(null);
  useEffect(() => {
    const here = menu.current?.querySelector<HTMLElement>('[aria-current]');
    if (here && menu.current) menu.current.scrollLeft = here.offsetLeft - (menu.current.clientWidth - here.offsetWidth) / 2;
  }, [works]);
  return (
    <nav ref={menu} aria-label={w.menu} class="no-bar relative -mx-1 flex items-center gap-0.5 overflow-x-auto">
      {links.filter((each) => each[3]).map(([href, label, icon]) => {
        const here = href === '/' ? location.pathname === '/' : inside(href);
        return (
          <a
            key={href} href={href} aria-current={here ? 'page' : undefined}
            class={`flex min-h-11 items-center gap-1.5 rounded-lg px-3 text-sm font-medium whitespace-nowrap lg:max-2xl:px-2.5 ${here ? 'bg-calico text-indigo' : 'text-quiet hover:bg-base-200 hover:text-base-content'}`}
          >
            <span class="lg:max-2xl:hidden"><Icon name={icon} size={18} /></span>
            {label}
          </a>
        );
      })}
    </nav>
  );
}

export function Frame({ children, wide = false, title }: {
  children: ComponentChildren; wide?: boolean; title: string;
}) {
  const w = shared.value;
  useEffect(() => void loadMe(), []);
  useEffect(() => {
    document.title = boot.page === 'start' ? w.centre : `${title} · ${w.centre}`;
  }, [title, w]);
  return (
    <div class="flex min-h-dvh flex-col">
      <a href="#main" class="btn btn-secondary sr-only z-50 focus:not-sr-only focus:absolute focus:top-2 focus:left-2">{w.skip}</a>
      <header class="sticky top-0 z-30 border-b border-base-300 bg-base-100/92 backdrop-blur">
        <div class="mx-auto flex max-w-[100rem] flex-wrap items-center gap-x-3 px-4 lg:flex-nowrap">
          <a href="/" class="flex min-h-14 items-center gap-2.5 rounded-lg pr-2 font-serif text-lg font-semibold tracking-wide whitespace-nowrap" data-testid="home-link">
            <Mark size={30} />
            <span class="hidden sm:inline">{w.centre}</span>
            <span class="sm:hidden">{w.centreShort}</span>
          </a>
          <div class="order-3 w-full pb-1 lg:order-none lg:w-auto lg:min-w-0 lg:flex-1 lg:pb-0"><Links /></div>
          <div class="ml-auto flex items-center gap-1"><LangSwitch /><Account /></div>
        </div>
      </header>
      <main id="main" tabIndex={-1} class={`mx-auto w-full flex-1 px-4 py-6 outline-none ${wide ? 'max-w-[100rem]' : 'max-w-6xl'}`}>
        {children}
      </main>
      <Toasts />
    </div>
  );
}
