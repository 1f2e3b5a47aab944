// Bodies as the API gives and takes them; those of the studios in a file of their own.
import type { Contested, Counted, MayBeContested, Sent } from './afterwards';
import type { Offered, Offers } from './offers';
export type * from './studios';
export type * from './catalogue';

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

export interface ChatRules {
  slow: number;
  approve: boolean;
  links: boolean;
  speakers: 'all' | 'accounts' | 'team';
  paused: boolean;
  version: number;
}

export interface Announcement { text: string; version: number; at: string | null }

export interface HeldLine {
  id: string;
  user: string;
  name: string;
  text: string;
  why: 'approval' | 'word';
  words: string[];
  at: string;
}

export interface MuteOut {
  user: string;
  kind: 'mute' | 'ban';
  merchant: boolean;
  anywhere: boolean;
  until: string | null;
  reason: string;
  by: string;
  at: string;
}

export interface WordOut { id: string; word: string; action: 'mask' | 'hold' | 'reject' }

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
  shelf_version: number;
  stock: Record<string, number>;
  stock_version: number;
  stock_low: number;
  offers: Offers;
  viewers: number;
  peak: number;
  video: { hls: string; latency_s: number } | null;
  replay: ReplayOut | null;
  positions: Record<string, Position>;
  chat: ChatLine[];
  chat_rules: ChatRules;
  announcement: Announcement;
  rates: { on: string; source: string; pinned: boolean } | null;
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

export interface HoldOut {
  id: string;
  variant: string;
  count: number;
  price: Money;
  hold_until: string;
  live: string | null;
  card: string | null;
  offer: string | null; normal: Money | null;
}

export type ChargeKind = 'goods' | 'shipping' | 'duty' | 'tax' | 'fee';

export interface Charge {
  kind: ChargeKind;
  title: Both;
  base: Money | null;
  rate: string | null;
  amount: Money;
  shares: { reference: string; variant: string; amount: Money }[];
  rule_id: string;
  source: string;
  valid_from: string | null;
  confidence: string;
  note: Both | null; offers: Offered[];
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

export type CheckoutState = 'placed' | 'awaiting_payment' | 'paid' | 'cancelling' | 'cancelled' | 'late_refunded';

export interface CheckoutOut {
  id: string;
  state: CheckoutState;
  orders: string[];
  live: string | null;
  quote: QuoteOut;
  total: Money;
  country: string;
  address: Address | null;
  email: string | null;
  placed_at: string;
  pay_by: string | null;
  paid_at: string | null;
  owed: Money;
  payment: {
    id: string | null;
    state: string;
    client_secret: string | null;
    provider: string;
    page: string | null;
    ahead: number;
    ready_in_s: number | null;
    failure: string | null;
    keeps: boolean;
  };
}

export type OrderState =
  | 'placed' | 'paid' | 'partly_shipped' | 'shipped' | 'delivered' | 'cancelled' | 'refunded';

export interface SellerSnapshot {
  id: string;
  name: Both;
  legal_name: Both;
  uscc: string;
  customs_code: string;
  licence: string;
  address: Both;
}

export interface OrderLine extends Counted {
  id: string;
  product: string;
  variant: string;
  sku: string;
  segment: string | null;
  count: number;
  weight_g: number;
  unit_price: Money;
  goods: Money;
  offers: Offered[];
  snapshot: {
    title: Both;
    description: Both;
    picture: string | null;
    options: Record<string, Both>;
    values: Record<string, Both>;
    hs_code: string;
    origin: string;
    taken_at: string;
  };
}

export interface Consignment extends Sent {
  id: string;
  order: string;
  carrier: string;
  tracking: string;
  weight_g: number;
  declaration: string | null;
  shipped_at: string;
  delivered_at: string | null;
}

export interface RefundOut {
  id: string;
  amount: Money;
  reason: string;
  state: 'wanted' | 'settled' | 'failed';
  requested_at: string;
  settled_at: string | null; outside: string | null;
}

export interface OrderOut extends Contested {
  id: string;
  checkout: string;
  merchant: string;
  seller: SellerSnapshot;
  buyer: string;
  live: string | null;
  state: OrderState;
  terms: 'DDP' | 'DAP';
  total: Money;
  refunded: Money;
  owed: Money;
  lines: OrderLine[];
  consignments: Consignment[];
  refunds: RefundOut[];
  quote: QuoteOut;
  country: string;
  address: Address | null;
  email: string | null;
  placed_at: string;
  paid_at: string | null;
  shipped_at: string | null;
}

export interface OrderListed extends MayBeContested {
  id: string;
  merchant: string;
  merchant_name: Both;
  live: string | null;
  state: OrderState;
  total: Money;
  owed: Money;
  country: string;
  pieces: number;
  title: Both;
  picture: string | null;
  placed_at: string;
}

export interface CarrierOut { code: string; name: string; label: Both }

export interface Difference { rule: string; level: string; field: string; expected: string; found: string; text: Both }

export interface DeclarationOut {
  id: string;
  state: string;
  attempt: number;
  inventory_number: string | null;
  differences: Difference[];
  messages: { kind: string; state: string; status: string | null; info: string | null; href: string }[];
  opened_at: string;
  changed_at: string;
  preparation_only: Both;
}

export type NodeKind = 'booking' | 'session' | 'explain' | 'order' | 'payment' | 'declaration' | 'replay';
export interface Fact { label: Both; value: string | number | Money | Both | null }

export interface ChainNode {
  id: string;
  kind: NodeKind;
  title: Both;
  state: string;
  at: string | null;
  href: string | null;
  facts: Fact[];
}

export interface ChainTotals {
  orders: Record<string, number>;
  declared: number;
  money: { ordered: Money; paid: Money; net: Money }[];
}

export interface ChainOut { live: string; nodes: ChainNode[]; edges: [string, string][]; totals: ChainTotals }

export interface MeOut {
  id: string;
  name: string;
  kind: 'guest' | 'person' | 'key' | 'system';
  staff: string[];
  memberships: { merchant: string; name: Both; roles: string[] }[];
  locale: string;
}
