// Bodies of what buyers keep: carts, addresses, messages, and the receipt's link.
import type { Address, Both, CheckoutState, HoldOut, Money, OrderOut, OrderState } from './wire';

export type LineState = 'available' | 'short' | 'sold_out' | 'withdrawn';

export interface CartLine {
  id: string;
  live: string;
  card: string;
  product: string;
  variant: string;
  title: Both;
  options: Both[];
  picture: string | null;
  count: number;
  price: Money;
  seen: Money;
  changed: boolean;
  shown: Money | null;
  state: LineState;
  left: number;
  buying: boolean;
  added_at: string;
}

export interface CartOut {
  version: number;
  pieces: number;
  groups: { merchant: string; name: Both; lines: CartLine[] }[];
}

export interface CartHeld { holds: HoldOut[]; cart: CartOut }

export type AddressField = 'country' | 'name' | 'line1' | 'line2' | 'city' | 'region' | 'postcode' | 'phone';

export interface AddressFormOut {
  country: string;
  fields: { name: AddressField; required: boolean; kind: string | null }[];
  postcode_pattern: string | null;
  postcode_examples: string[];
  regions: { key: string; names: string[] }[];
}

export interface SavedAddress { id: string; label: string; address: Address; default: boolean }

export type Side = 'buyer' | 'merchant' | 'staff';

export interface MessageOut {
  id: string;
  number: number;
  side: Side;
  name: string;
  mine: boolean;
  text: string;
  sent_at: string;
}

export interface ThreadOut {
  order: string;
  side: Side;
  messages: MessageOut[];
  seen_by_buyer: number;
  seen_by_merchant: number;
  unread: number;
}

export interface ThreadListed {
  order: string;
  merchant: string;
  merchant_name: Both;
  state: OrderState;
  title: Both;
  picture: string | null;
  count: number;
  unread: number;
  last_side: Side;
  last_text: string;
  last_at: string;
}

export interface ReceiptOut {
  checkout: string;
  state: CheckoutState;
  total: Money;
  orders: OrderOut[];
  threads: ThreadOut[];
  good_until: string;
}

export interface KeptCard {
  id: string;
  kind: string;
  brand: string;
  last4: string;
  exp_month: number;
  exp_year: number;
  expired: boolean;
}

export interface Tapped { state: string; asks: boolean }
