// What those who run offers do: start them with their parameters, and stop them.
import { newKey, post, remove } from '../api/http';
import type { Template } from '../api/offers';
import { room } from '../room/store';

export interface FlashWish {
  card: string; prices: Record<string, number>; total: number; per_buyer: number;
  countdown_s: number; lasts_s: number; recent_days: number;
}

export interface CouponWish {
  title: { zh: string; en: string }; currency: string; off: number | null; percent: number | null;
  least: number; stock: number; minutes: number | null; watch_s: number;
}

export interface AuctionWish {
  card: string; variant: string; opening: number; lasts_s: number; counter_s: number; start: boolean;
}

function live(): string {
  return `/v1/live/${room.value?.live.id ?? ''}`;
}

export const startFlash = (wish: FlashWish) => post(`${live()}/flash`, wish, newKey());

/** A coupon made and planned for this session in one go. */
export async function startCoupon(wish: CouponWish): Promise<void> {
  const { minutes, watch_s, ...worth } = wish;
  const merchant = room.value?.seller.merchant ?? '';
  const made = await post<Template>('/v1/coupon-templates', { ...worth, merchant }, newKey());
  await post(`${live()}/coupons`, { template: made.id, stock: wish.stock, minutes, watch_s }, newKey());
}

export interface DrawWish { prize: { zh: string; en: string }; prizes: number; condition: string; watch_s: number; lasts_s: number }
export interface BundleWish { cards: string[]; nth: number; percent: number | null; off: number | null }

export const startDraw = (wish: DrawWish) => post(`${live()}/draws`, wish, newKey());
export const startBundle = (wish: BundleWish) => post(`${live()}/bundles`, wish, newKey());
export const startAuction = (wish: AuctionWish) => post(`${live()}/auctions`, wish, newKey());
export const beginAuction = (id: string) => post(`${live()}/auctions/${id}/start`, {}, newKey());
export const stop = (kind: 'flash' | 'coupons' | 'auctions' | 'bundles', id: string) => remove(`${live()}/${kind}/${id}`);
