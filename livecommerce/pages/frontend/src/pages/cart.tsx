// The cart: what somebody may buy, of however many rooms and merchants, on whichever device.
import { useEffect, useState } from 'preact/hooks';
import { buyable, buyLines, cart, cartLines, dropItem, loadCart, putItem } from '../cart/cart';
import { PurchaseSheet } from '../cart/PurchaseSheet';
import type { CartLine, CartOut } from '../api/buyer';
import { Barred } from '../parts/Barred';
import { Frame } from '../parts/Frame';
import { Icon } from '../parts/Icon';
import { Countdown, Empty } from '../parts/pieces';
import { Picture } from '../parts/Picture';
import { show } from '../parts/show';
import { attempt } from '../parts/Toast';
import { money, sum, times } from '../money';
import { busy, holds, inHand, recallHolds, step } from '../room/buying';
import { COUNTRIES, country, countryName, shipTo } from '../room/destination';
import { buyerWords } from '../words/buyer';
import { told } from '../words/lang';
import { roomWords } from '../words/room';
import { shared } from '../words/shared';

function Count({ line }: { line: CartLine }) {
  const w = buyerWords.value;
  const r = roomWords.value;
  const set = (count: number) => void attempt(() => putItem(line, count));
  const title = told(line.title);
  return (
    <div class="flex items-center rounded-full border border-base-300" role="group" aria-label={w.countOf(title)}>
      <button type="button" class="btn btn-ghost btn-circle btn-sm min-h-11 w-11" aria-label={r.less} disabled={line.count <= 1 || line.buying} onClick={() => set(line.count - 1)}><Icon name="minus" size={16} /></button>
      <output class="w-7 text-center text-sm font-semibold" data-testid="line-count">{line.count}</output>
      <button type="button" class="btn btn-ghost btn-circle btn-sm min-h-11 w-11" aria-label={r.moreOne} disabled={line.count >= Math.min(99, line.left) || line.buying} onClick={() => set(line.count + 1)}><Icon name="plus" size={16} /></button>
    </div>
  );
}

function Line({ line }: { line: CartLine }) {
  const w = buyerWords.value;
  const title = told(line.title);
  const gone = line.state === 'sold_out' || line.state === 'withdrawn';
  const price = line.shown ?? line.price;
  return (
    <li class="flex gap-4 py-4" data-testid="cart-line" data-state={line.state}>
      <Picture src={line.picture} alt="" class={`size-24 shrink-0 overflow-hidden rounded-xl ${gone ? 'grayscale' : ''}`} />
      <div class="min-w-0 flex-1">
        <div class="flex items-start gap-2">
          <div class="min-w-0 flex-1">
            <p class="leading-snug font-semibold">{title}</p>
            <p class="text-sm text-quiet">{line.options.map(told).join(' · ')}</p>
          </div>
          <button type="button" class="btn btn-ghost btn-square -mt-2 -mr-2" aria-label={w.removeLine(title)} onClick={() => void attempt(() => dropItem(line))} data-testid="remove-line"><Icon name="trash" size={18} /></button>
        </div>
        <p class="mt-1 flex flex-wrap items-baseline gap-x-2">
          <span class="font-bold text-primary">{money(price)}</span>
          {line.shown && <span class="text-xs text-quiet">{money(line.price)}</span>}
          {line.changed && <span class="tag bg-[#f9ebcf] text-[#6d4300]" data-testid="price-changed">{w.seenAt(money(line.seen))}</span>}
        </p>
        <div class="mt-2 flex flex-wrap items-center gap-2">
          {!gone && <Count line={line} />}
          {line.state !== 'available' && (
            <span class="tag bg-base-300 text-base-content">{line.state === 'short' ? w.onlyLeft(line.left) : w.states[line.state]}</span>
          )}
          {line.state === 'short' && <button type="button" class="btn btn-quiet btn-sm min-h-11 rounded-full" onClick={() => void attempt(() => putItem(line, line.left))}>{w.takeLeft(line.left)}</button>}
          {line.buying && <span class="tag bg-calico text-indigo">{w.beingBought}</span>}
          <a class="ml-auto inline-flex min-h-11 items-center gap-1 text-sm font-medium text-indigo" href={`/live/${line.live}`}><Icon name="play" size={15} />{w.fromRoom}</a>
        </div>
      </div>
    </li>
  );
}

function Groups({ found }: { found: CartOut }) {
  return (
    <div class="flex flex-col gap-5">
      {found.groups.map((group) => (
        <section key={group.merchant} class="panel px-5 pt-4 pb-1" aria-label={told(group.name)} data-testid="cart-group">
          <h2 class="flex items-center gap-2 font-serif text-lg font-semibold"><Icon name="home" size={18} class="text-quiet" />{told(group.name)}</h2>
          <ul class="divide-y divide-dashed divide-base-300">{group.lines.map((line) => <Line key={line.id} line={line} />)}</ul>
        </section>
      ))}
    </div>
  );
}

/** What was set aside and is not placed yet: it lapses, so it comes before all else. */
function Held() {
  const w = buyerWords.value;
  const held = inHand.value;
  const first = held.reduce((soonest, hold) => (hold.hold_until < soonest ? hold.hold_until : soonest), held[0]?.hold_until ?? '');
  if (held.length === 0) return null;
  return (
    <div class="mb-5 flex flex-wrap items-center gap-3 rounded-2xl bg-[#e3efe6] px-5 py-3 text-success" role="status" data-testid="held-now">
      <Icon name="clock" />
      <p class="flex-1 font-semibold">{w.heldNow(held.reduce((total, hold) => total + hold.count, 0))} · <Countdown until={first} /></p>
      <button type="button" class="btn btn-primary rounded-full px-6" onClick={() => (step.value = 'address')} data-testid="go-on">{w.goOnPaying}</button>
    </div>
  );
}

function Summary({ found }: { found: CartOut }) {
  const w = buyerWords.value;
  const r = roomWords.value;
  const lines = buyable.value;
  const left = cartLines.value.length - lines.length;
  const pieces = lines.reduce((total, line) => total + line.count, 0);
  const amounts = lines.map((line) => times(line.shown ?? line.price, line.count));
  const coin = amounts[0]?.currency;

  async function choose(to: string): Promise<void> {
    shipTo(to);
    cart.value = null;
    await loadCart();
  }

  async function buy(): Promise<void> {
    busy.value = true;
    try {
      const made = await buyLines(lines);
      const fresh = new Set(made.holds.map((hold) => hold.id));
      holds.value = [...inHand.value.filter((hold) => !fresh.has(hold.id)), ...made.holds.flatMap((hold) => (hold.card ? [{ ...hold, card: hold.card }] : []))];
      step.value = 'address';
    } finally {
      busy.value = false;
    }
  }

  return (
    <aside class="panel p-5 lg:sticky lg:top-24" aria-label={w.goods}>
      <label class="mb-4 flex items-center gap-2 text-sm text-quiet">
        <Icon name="truck" size={18} />{r.shipTo}
        <select class="select h-11 w-auto flex-1 rounded-full" value={country.value} onChange={(event) => void attempt(() => choose(event.currentTarget.value))} data-testid="ship-to">
          {COUNTRIES.map((code) => <option key={code} value={code}>{countryName(code)}</option>)}
        </select>
      </label>
      <p class="flex items-baseline justify-between gap-3"><span class="text-quiet">{w.goods}</span>{coin && <span class="font-serif text-2xl font-bold" data-testid="cart-goods">{money(sum(amounts, coin))}</span>}</p>
      <p class="mt-1 text-sm text-quiet">{w.parcels(found.groups.length)}</p>
      <p class="rule mt-3 pt-3 text-sm leading-relaxed text-quiet">{w.thenQuote}</p>
      {left > 0 && <p class="mt-2 text-sm font-medium text-[#6d4300]">{w.leftOut(left)}</p>}
      <button type="button" class="btn btn-primary btn-block mt-4 rounded-full text-base" disabled={lines.length === 0 || busy.value} onClick={() => void attempt(buy)} data-testid="buy-cart">
        {busy.value && <span class="loading loading-spinner loading-sm" />}
        {w.buyAll(pieces)}
      </button>
      <p class="mt-3 text-xs text-quiet">{w.cartNote}</p>
    </aside>
  );
}

function Cart() {
  const w = buyerWords.value;
  const [error, fail] = useState<unknown>(null);
  const again = () => void loadCart().then(() => fail(null), fail);
  useEffect(() => {
    again();
    void recallHolds();
    const timer = setInterval(again, 15_000);
    const back = () => !document.hidden && again();
    document.addEventListener('visibilitychange', back);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', back);
    };
  }, []);
  const found = cart.value;
  return (
    <Frame title={w.cart}>
      <h1 class="mb-5 font-serif text-3xl font-semibold">{w.cart}</h1>
      <Held />
      {!found && error !== null && <Barred error={error} again={again} />}
      {!found && error === null && <p class="py-16 text-center" role="status"><span class="loading loading-dots loading-lg text-secondary" /><span class="sr-only">{shared.value.loading}</span></p>}
      {found && found.groups.length === 0 && <div class="panel"><Empty icon="bag" text={w.cartEmpty}><a href="/" class="btn btn-secondary rounded-full px-6">{w.toRooms}</a></Empty></div>}
      {found && found.groups.length > 0 && (
        <div class="grid grid-cols-[minmax(0,1fr)] items-start gap-5 lg:grid-cols-[minmax(0,1.7fr)_minmax(18rem,1fr)]">
          <Groups found={found} />
          <Summary found={found} />
        </div>
      )}
      <PurchaseSheet />
    </Frame>
  );
}

show(Cart);
