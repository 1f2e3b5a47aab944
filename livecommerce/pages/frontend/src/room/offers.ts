// Offers in the room: what holds at this moment, what one has taken, and taking part.
import { computed, signal } from '@preact/signals';
import { get } from '../api/http';
import type { Auction, Bid, Flash, OwnCoupon, Prize } from '../api/offers';
import type { CardOut, Money, VariantOut } from '../api/wire';
import { second } from '../time';
import { call } from './connection';
import { shownPrice } from './prices';
import { offers, room } from './store';

export const coupons = signal<OwnCoupon[]>([]);
export const busy = signal('');

/** The most one has bid in each auction; whoever led and leads no more is outbid. */
export const bidIn = signal<Record<string, number>>({});

export type Phase = 'coming' | 'open' | 'gone';

export function phaseOf(flash: Flash): Phase {
  const now = second.value;
  if (now < Date.parse(flash.opens_at)) return 'coming';
  return now < Date.parse(flash.closes_at) && flash.left > 0 ? 'open' : 'gone';
}

export function flashOf(card: CardOut): Flash | undefined {
  return offers.value.flash.find((each) => each.card === card.id);
}

/** The flash price that holds for the variant now, if one does. */
export function flashing(card: CardOut, variant: VariantOut): { flash: Flash; price: Money } | undefined {
  const flash = flashOf(card);
  const price = flash?.prices[variant.id];
  return flash && price && phaseOf(flash) === 'open' ? { flash, price } : undefined;
}

/** An amount in the viewer's currency, by what a price is shown as. */
export function alike(variant: VariantOut, amount: Money): Money {
  const shown = shownPrice(variant);
  if (shown.currency === amount.currency) return amount;
  return { minor: Math.round((shown.minor * amount.minor) / variant.price.minor), currency: shown.currency };
}

export const auction = computed<Auction | undefined>(() => {
  const found = offers.value.auctions;
  return found.find((each) => each.state === 'running')
    ?? found.find((each) => each.state === 'announced')
    ?? found.find((each) => each.ends_at !== null && second.value - Date.parse(each.ends_at) < 20_000);
});

export type Standing = 'leading' | 'outbid' | 'none';

export function standingIn(each: Auction): Standing {
  if (each.leader === room.value?.me.id) return 'leading';
  return bidIn.value[each.id] !== undefined && each.state === 'running' ? 'outbid' : 'none';
}

export async function loadCoupons(): Promise<void> {
  coupons.value = await get<OwnCoupon[]>('/v1/coupons').catch(() => coupons.value);
}

async function during<T>(what: string, work: () => Promise<T>): Promise<T | undefined> {
  if (busy.value) return undefined;
  busy.value = what;
  try {
    return await work();
  } finally {
    busy.value = '';
  }
}

function live(): string {
  return room.value?.live.id ?? '';
}

export const takeCoupon = (coupon: string) => during(coupon, async () => {
  const own = await call<OwnCoupon>('coupon.take', { live: live(), coupon });
  coupons.value = [...coupons.value.filter((each) => each.id !== own.id), own];
});

export const entered = signal<string | null>(null);
export const waitingFor = signal<Record<string, number>>({});
export const askedFor = signal<Record<string, boolean>>({});
export const prizes = signal<Prize[]>([]);

export const enterDraw = (draw: string) => during(draw, async () => {
  if (offers.value.draw?.condition === 'follow') await call('shop.follow', { live: live(), on: true });
  await call('draw.enter', { live: live(), draw });
  entered.value = draw;
});

export async function loadPrizes(): Promise<void> {
  const found = await get<Prize[]>('/v1/prizes').catch(() => prizes.value);
  prizes.value = found.filter((each) => each.live === live());
}

export const joinLine = (card: string, variant: string) => during(`wait ${variant}`, async () => {
  const { ahead } = await call<{ ahead: number }>('waitlist.join', { live: live(), card, variant });
  waitingFor.value = { ...waitingFor.value, [variant]: ahead };
});

export const askFor = (card: string) => during(`ask ${card}`, async () => {
  await call('product.ask', { live: live(), card });
  askedFor.value = { ...askedFor.value, [card]: true };
});

export const bid = (each: Auction, most: number) => during(each.id, async () => {
  const stands = await call<Bid>('auction.bid', { live: live(), auction: each.id, most });
  bidIn.value = { ...bidIn.value, [each.id]: most };
  return stands;
});
