// What happens to orders after they were paid, as the server tells it.
import type { Both, Difference, Money, OrderState, PageOf } from './wire';

export type { PageOf };

export interface LineCount { line: string; count: number }

/** How the pieces of a line stand, and the line it is sent for if it is a replacement. */
export interface Counted {
  shipped: number;
  cancelled: number;
  returned: number;
  refunded: number;
  replaces: string | null;
}

/** What is in a parcel, and where the carrier shows how it goes. */
export interface Sent { lines: LineCount[]; link: string | null }

export type Side = 'buyer' | 'merchant' | 'centre';

export type CancelReason =
  | 'changed_mind' | 'by_mistake' | 'too_slow' | 'out_of_stock' | 'faulty' | 'not_carried'
  | 'suspicious' | 'buyer_asked' | 'other';

export interface CancellationOut {
  id: string;
  lines: LineCount[];
  side: Side;
  reason: CancelReason;
  note: string;
  refunded: Money | null;
  cancelled_at: string;
}

export type ReturnState =
  | 'asked' | 'approved' | 'refused' | 'withdrawn' | 'received' | 'inspected' | 'refunded' | 'exchanged';

export type ReturnReason =
  | 'changed_mind' | 'wrong_size' | 'not_as_shown' | 'faulty' | 'damaged_on_the_way' | 'wrong_item'
  | 'too_late' | 'other';

export interface ReturnOut {
  id: string;
  order: string;
  merchant: string;
  state: ReturnState;
  wish: 'refund' | 'exchange';
  reason: ReturnReason;
  note: string;
  answer: string;
  lines: (LineCount & { variant: string | null })[];
  inspection: { line: string; restocked: number; written_off: number }[] | null;
  refunded: Money | null;
  asked_at: string;
  answered_at: string | null;
  received_at: string | null;
  inspected_at: string | null;
  closed_at: string | null;
}

export interface ReturnsOut { items: ReturnOut[]; ask_until: string | null }

export interface InvoiceOut {
  id: string;
  kind: 'invoice' | 'credit_note';
  number: string;
  total: Money;
  issued_at: string;
  href: string;
}

/** How a bank's claim stands, seen from the merchant. */
export type DisputeState = 'open' | 'won' | 'lost';

export interface OrderDispute { id: string; state: DisputeState; amount: Money; opened_at: string; closed_at: string | null }

/** An order whose buyer's bank may have money of it: `disputed` cannot go back again. */
export interface MayBeContested { dispute: DisputeState | null; disputed: Money }
/** The bank asks about the payment, and has taken nothing. */
export interface Inquiry { opened_at: string; answer_by: string | null }
export interface Contested extends MayBeContested { disputes: OrderDispute[]; inquiry: Inquiry | null }

export interface DeskRow extends MayBeContested {
  id: string;
  merchant: string;
  merchant_name: Both;
  live: string | null;
  state: OrderState;
  total: Money;
  refunded: Money;
  owed: Money;
  inquiry: Inquiry | null;
  country: string;
  recipient: string | null;
  title: Both;
  picture: string | null;
  skus: string[];
  pieces: number;
  waiting: number;
  cancelled: number;
  returns_open: number;
  trackings: string[];
  placed_at: string;
}

export type RowFate = 'shipped' | 'would_ship' | 'shipped_before' | 'refused';

export interface ManyOut {
  dry_run: boolean;
  shipped: number;
  refused: number;
  rows: {
    row: number;
    order: string;
    carrier: string;
    tracking: string;
    weight_g: number | null;
    estimated: boolean;
    fate: RowFate;
    problem: string | null;
    detail: string | null;
    differences: Difference[];
  }[];
}
