// Bodies as the API gives and takes them.
export interface Both { zh: string; en: string }
export interface Money { minor: number; currency: string }
export interface PageOf<T> { items: T[]; next_cursor: string | null }

export type LiveState =
  | 'draft' | 'scheduled' | 'ready' | 'live' | 'paused' | 'interrupted'
  | 'ended' | 'archived' | 'cancelled';

export interface LiveOut {
  id: string;
  booking: string;
  merchant: string;
  merchant_name: Both;
  avatar: string | null;
  title: Both;
  state: LiveState;
  version: number;
  starts_at: string;
  ends_at: string;
  started_at: string | null;
  ended_at: string | null;
  cover: string | null;
}

export interface Seller {
  merchant: string;
  name: Both;
  legal_name: Both;
  uscc: string;
  licence: string;
  address: Both;
  contact: string;
  avatar: string | null;
}

export interface OptionOut {
  key: string;
  label: Both;
  values: { key: string; label: Both }[];
}

export interface VariantOut {
  id: string;
  sku: string;
  options: Record<string, string>;
  price: Money;
  list_price: Money;
  shown: Money | null;
  left: number;
}

export type CardState = 'waiting' | 'explaining' | 'explained';

export interface CardOut {
  id: string;
  product: string;
  merchant: string;
  position: number;
  title: Both;
  description: Both | null;
  pictures: string[];
  options: OptionOut[];
  variants: VariantOut[];
  state: CardState;
  explained_times: number;
}

export interface Explaining { card: string; segment: string; since: string; version: number }
export interface Chapter { card: string; segment: string; title: Both; start: number; end: number }
export interface Position { offset: number; epoch: string }

export interface ChatLine {
  id: string;
  user: string;
  name: string;
  badge: string | null;
  text: string;
  at: string;
}

export interface ReplayOut {
  id: string;
  hls: string;
  poster: string | null;
  duration: number;
  media_start: string;
  chapters: Chapter[];
}

export interface RoomOut {
  live: LiveOut;
  seller: Seller;
  cards: CardOut[];
  explaining: Explaining | null;
  stock: Record<string, number>;
  viewers: number;
  video: { hls: string; latency_s: number } | null;
  replay: ReplayOut | null;
  positions: Record<string, Position>;
  chat: ChatLine[];
  me: { id: string; name: string; roles: string[] };
}

export interface Light { key: string; ok: boolean; label: Both; reason: string }

export interface IngestOut {
  state: string;
  server: string;
  stream: string;
  key: string | null;
  valid_from: string | null;
  valid_to: string | null;
  since: string | null;
}

export interface ProductOut {
  id: string;
  merchant: string;
  title: Both;
  description: Both;
  category: string;
  pictures: string[];
  options: OptionOut[];
  variants: { id: string; sku: string; options: Record<string, string>; price: Money; left: number }[];
  archived: boolean;
}

export interface HoldOut {
  id: string;
  variant: string;
  count: number;
  price: Money;
  hold_until: string;
}

export type ChargeKind = 'goods' | 'shipping' | 'duty' | 'tax' | 'fee';

export interface Charge {
  kind: ChargeKind;
  title: Both;
  base: Money | null;
  rate: string | null;
  amount: Money;
  rule_id: string;
  source: string;
  valid_from: string | null;
  confidence: string;
  note: Both | null;
}

export interface ParcelQuote {
  merchant: string;
  charges: Charge[];
  goods: Money;
  shipping: Money;
  duty: Money | null;
  tax: Money | null;
  fees: Money;
  total: Money;
}

export interface QuoteOut {
  id: string;
  destination: { country: string; region: string | null; postcode: string | null };
  currency: string;
  terms: 'DDP' | 'DAP';
  terms_text: Both;
  notices: Both[];
  parcels: ParcelQuote[];
  rates: { base: string; currency: string; rate: string; on: string; source: string }[];
  goods: Money;
  shipping: Money;
  duty: Money | null;
  tax: Money | null;
  fees: Money;
  total: Money;
  made_at: string;
  expires_at: string;
}

export interface Address {
  name: string;
  line1: string;
  line2?: string;
  city: string;
  region?: string;
  postcode: string;
  country: string;
  phone: string;
}

export type CheckoutState =
  | 'placed' | 'awaiting_payment' | 'paid' | 'cancelling' | 'cancelled' | 'late_refunded';

export interface CheckoutOut {
  id: string;
  state: CheckoutState;
  orders: string[];
  total: Money;
  pay_by: string | null;
  payment: {
    state: string;
    client_secret: string | null;
    provider: string;
    page: string | null;
  } | null;
}

export type OrderState = 'placed' | 'paid' | 'shipped' | 'delivered' | 'cancelled' | 'refunded';

export interface OrderLine {
  id: string;
  variant: string;
  sku: string;
  count: number;
  price: Money;
  title: Both;
  picture: string | null;
  options?: Both | null;
}

export interface OrderOut {
  id: string;
  checkout: string;
  merchant: string;
  seller?: Both | null;
  state: OrderState;
  placed_at: string;
  paid_at: string | null;
  total: Money;
  lines: OrderLine[];
  quote: QuoteOut | null;
  address: Address | null;
  consignments: Consignment[];
  live: string | null;
}

export interface Consignment {
  id: string;
  carrier: string;
  tracking: string;
  shipped_at: string;
  declaration: string | null;
  declaration_state?: string | null;
}

export interface MeOut {
  id: string;
  name: string;
  kind: 'guest' | 'person' | 'key' | 'system';
  staff: string[];
  memberships: { merchant: string; name: Both; roles: string[] }[];
  locale: string;
}
