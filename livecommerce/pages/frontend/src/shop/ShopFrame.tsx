// The frame of the catalogue's pages: whose catalogue it is, and where one is in it.
import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { me, memberOf, sells } from '../api/me';
import { NotYours, SignInFirst } from '../parts/Barred';
import { Frame } from '../parts/Frame';
import { told } from '../words/lang';
import { catalogueWords } from '../words/catalogue';

const KEPT = 'lc_merchant';
const chosen = signal<string | null>(localStorage.getItem(KEPT));

function mine() {
  return me.value?.memberships.filter((each) => memberOf(each.merchant, 'assistant')) ?? [];
}

/** The merchant whose catalogue is being kept: the one chosen before, or the first. */
export function merchant(): string {
  const asked = new URL(location.href).searchParams.get('merchant') ?? chosen.value;
  const found = mine().find((each) => each.merchant === asked) ?? mine()[0];
  return found?.merchant ?? '';
}

function Chooser() {
  if (mine().length < 2) return null;
  return (
    <select
      class="select w-auto" aria-label={catalogueWords.value.merchant} value={merchant()}
      onChange={(event) => {
        localStorage.setItem(KEPT, event.currentTarget.value);
        chosen.value = event.currentTarget.value;
      }}
    >
      {mine().map((each) => <option key={each.merchant} value={each.merchant}>{told(each.name)}</option>)}
    </select>
  );
}

export type Place = 'products' | 'stock' | 'imports';

function Tabs({ here }: { here: Place }) {
  const w = catalogueWords.value;
  const places: [Place, string][] = [['products', w.title], ['stock', w.stock], ['imports', w.imports]];
  return (
    <nav aria-label={w.title} class="flex gap-1 rounded-xl bg-base-300/60 p-1">
      {places.map(([place, label]) => (
        <a
          key={place} href={`/${place}`} aria-current={place === here ? 'page' : undefined} data-testid={`tab-${place}`}
          class={`flex min-h-10 items-center rounded-lg px-4 text-sm font-semibold ${place === here ? 'bg-base-100 shadow-soft' : 'text-quiet hover:text-base-content'}`}
        >
          {label}
        </a>
      ))}
    </nav>
  );
}

export function ShopFrame({ here, title, lead, actions, children }: {
  here: Place; title: string; lead?: string; actions?: ComponentChildren; children: ComponentChildren;
}) {
  const guest = me.value?.kind !== 'person';
  return (
    <Frame title={title} wide>
      {guest ? <div class="panel"><SignInFirst /></div> : !sells() ? <div class="panel"><NotYours /></div> : (
        <>
          <div class="mb-4 flex flex-wrap items-center gap-3"><Tabs here={here} /><Chooser /></div>
          <div class="mb-5 flex flex-wrap items-end justify-between gap-3">
            <div class="min-w-0">
              <h1 class="font-serif text-3xl font-semibold">{title}</h1>
              {lead && <p class="mt-1 max-w-2xl text-sm text-quiet">{lead}</p>}
            </div>
            <div class="flex flex-wrap gap-2">{actions}</div>
          </div>
          {children}
        </>
      )}
    </Frame>
  );
}
