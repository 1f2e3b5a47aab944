// From a wish to a paid order: pick, hold, address, quote, pay, confirmed.
import { computed, signal } from '@preact/signals';
import { get, newKey, post, Problem, remove } from '../api/http';
import type { Address, CardOut, CheckoutOut, HoldOut, QuoteOut } from '../api/wire';
import { second } from '../time';
import { country, currency, shipTo } from './destination';
import { coupons, loadCoupons } from './offers';
import { cards, leftOf, room, stock } from './store';

export type Step = 'closed' | 'bag' | 'pick' | 'address' | 'quote' | 'pay';

export type Held = HoldOut & { card: string };

export const step = signal<Step>('closed');
export const tab = signal<'all' | 'mine'>('all');
export const picked = signal<CardOut | null>(null);
export const holds = signal<Held[]>([]);
export const quote = signal<QuoteOut | null>(null);
export const checkout = signal<CheckoutOut | null>(null);
export const busy = signal(false);

export const inHand = computed(() =>
  holds.value.filter((hold) => Date.parse(hold.hold_until) > second.value));

export const EMPTY: Address = {
  name: '', line1: '', line2: '', city: '', region: '', postcode: '', country: '', phone: '',
};

interface Kept { address: Address; email: string }

export function keptAddress(): Kept {
  const text = sessionStorage.getItem('lc_address');
  const kept = text ? (JSON.parse(text) as Kept) : { address: EMPTY, email: '' };
  return { email: kept.email, address: { ...kept.address, country: country.value } };
}

export function keepAddress(kept: Kept): void {
  sessionStorage.setItem('lc_address', JSON.stringify(kept));
  shipTo(kept.address.country);
}

export function openPicker(card: CardOut): void {
  picked.value = card;
  step.value = 'pick';
}

export function openBag(which: 'all' | 'mine' = 'all'): void {
  tab.value = which;
  step.value = 'bag';
}

export function close(): void {
  step.value = 'closed';
  if (checkout.value?.state === 'paid') {
    checkout.value = null;
    quote.value = null;
  }
}

/** What was held before the page was loaded again. */
export async function recallHolds(live?: string): Promise<void> {
  const found = await get<HoldOut[]>('/v1/holds').catch(() => []);
  const here = live ? found.filter((hold) => hold.live === live) : found;
  holds.value = here.flatMap((hold) => (hold.card ? [{ ...hold, card: hold.card }] : []));
}

// A claim that got no answer is asked again under the same key, so it cannot be made twice.
let pending: { wish: string; key: string } | null = null;

/** ``offer``: the flash price that the buyer was shown; it is met, or the claim refused. */
export async function claim(card: CardOut, variant: string, count: number, offer?: string): Promise<void> {
  const live = room.value?.live.id;
  if (!live || busy.value) return;
  const wish = `${card.id}/${variant}/${count}/${offer ?? ''}`;
  if (pending?.wish !== wish) pending = { wish, key: newKey() };
  busy.value = true;
  try {
    const body = { items: [{ card: card.id, variant, count, offer: offer ?? null }] };
    const made = await post<{ holds: Omit<HoldOut, 'card' | 'live'>[] }>(`/v1/live/${live}/claims`, body, pending.key);
    pending = null;
    holds.value = [...inHand.value, ...made.holds.map((hold) => ({ ...hold, live, card: card.id }))];
    stock.value = { ...stock.value, [variant]: Math.max(0, leftOf(variant) - count) };
    openBag('mine');
  } catch (error) {
    // Busy or down says nothing of what became of it: the same key finds out.
    if (error instanceof Problem && ![0, 429, 503].includes(error.status)) pending = null;
    throw error;
  } finally {
    busy.value = false;
  }
}

export async function letGo(hold: Held): Promise<void> {
  await remove(`/v1/holds/${hold.id}`);
  holds.value = holds.value.filter((each) => each.id !== hold.id);
}

export async function askQuote(): Promise<void> {
  const { address } = keptAddress();
  busy.value = true;
  try {
    await loadCoupons();
    quote.value = await post<QuoteOut>('/v1/quotes', {
      holds: inHand.value.map((hold) => hold.id),
      destination: {
        country: address.country,
        region: address.region || null,
        postcode: address.postcode || null,
      },
      currency: currency.value,
      coupons: coupons.value.filter((each) => inHand.value.some((hold) => cardOf(hold.card)?.merchant === each.merchant)).map((each) => each.id),
    });
    step.value = 'quote';
  } finally {
    busy.value = false;
  }
}

let placing: { quote: string; key: string } | null = null;

export async function place(): Promise<void> {
  const promised = quote.value;
  if (!promised || busy.value) return;
  if (placing?.quote !== promised.id) placing = { quote: promised.id, key: newKey() };
  const { address, email } = keptAddress();
  busy.value = true;
  try {
    const body = {
      quote: promised.id,
      address: { ...address, line2: address.line2 || null, region: address.region || null },
      email,
    };
    checkout.value = await post<CheckoutOut>('/v1/checkouts', body, placing.key);
    holds.value = [];
    void loadCoupons();
    step.value = 'pay';
  } finally {
    busy.value = false;
  }
}

export async function readCheckout(id: string): Promise<CheckoutOut> {
  const found = await get<CheckoutOut>(`/v1/checkouts/${id}`);
  checkout.value = found;
  return found;
}

export function cardOf(id: string): CardOut | undefined {
  return cards.value.find((card) => card.id === id);
}
