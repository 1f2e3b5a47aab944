// What a room is offered, as the server tells it.
import type { Both, Money } from './wire';

export interface Flash {
  id: string;
  card: string;
  prices: Record<string, Money>;
  basis: Record<string, { price: Money; days: number }>;
  total: number;
  per_buyer: number;
  left: number;
  opens_at: string;
  closes_at: string;
}

export interface Worth { title: Both; off: Money | null; percent: number | null; most: Money | null; least: Money }

export interface Plan extends Worth {
  id: string;
  stock: number;
  left: number;
  watch_s: number;
  opens_at: string;
  closes_at: string | null;
}

export interface OwnCoupon extends Worth { id: string; plan: string; merchant: string; state: string; valid_until: string }

export interface Template extends Worth { id: string; stock: number; planned: number; valid_hours: number }

export type AuctionState = 'announced' | 'running' | 'sold' | 'unsold' | 'dropped';

export interface Auction {
  id: string;
  card: string;
  variant: string;
  state: AuctionState;
  opening: Money;
  price: Money | null;
  least: Money;
  leader: string | null;
  leader_name: string | null;
  bids: number;
  lasts_s: number;
  counter_s: number;
  ends_at: string | null;
  version: number;
}

export type Condition = 'everyone' | 'comment' | 'follow' | 'watch';

export interface Draw {
  id: string;
  prize: Both;
  prizes: number;
  condition: Condition;
  watch_s: number;
  state: 'open' | 'drawn';
  opens_at: string;
  closes_at: string;
  entries: number;
  seed_hash: string;
  winners: string[];
}

export interface Audit {
  draw: string;
  seed_hash: string;
  seed: string | null;
  entries: string[];
  entries_hash: string | null;
  winners: number[];
  verified: boolean | null;
}

export interface Prize { id: string; draw: string; live: string; prize: Both; state: 'won' | 'claimed' | 'lapsed'; claim_by: string }

export interface Bundle { id: string; kind: 'second' | 'bundle'; cards: string[]; nth: number; percent: number | null; off: Money | null }

export interface Offers {
  version: number;
  flash: Flash[];
  coupons: Plan[];
  auctions: Auction[];
  draw: Draw | null;
  bundles: Bundle[];
  wishes: Record<string, number>;
  waiting: Record<string, number>;
}

export interface Bid { leading: boolean; price: Money | null; least: Money; ends_at: string | null }

export const NO_OFFERS: Offers = {
  version: -1, flash: [], coupons: [], auctions: [], draw: null, bundles: [], wishes: {}, waiting: {},
};

/** What was taken off a line of a quote or an order, and why. */
export interface Offered { kind: string; id: string; reason: Both; amount: Money; in_price: boolean }
