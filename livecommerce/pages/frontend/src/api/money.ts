// What the money routes answer with.
import type { Inquiry } from './afterwards';
import type { Both, Money } from './wire';

export interface BalanceOut { pending: Money; available: Money; reserve: Money; held: Money; transit: Money; owes: Money }
export type ChargeMode = 'separate' | 'destination';
export type Charging =
  | 'direct' | 'separate' | 'several_merchants' | 'account_not_ready' | 'settled_in_another_currency' | 'nothing_to_send' | 'merchant_owes' | 'destination_refused';
export interface ShareOut {
  order: string; state: 'pending' | 'available' | 'gone'; share: Money; left: Money; reserve: Money;
  sent: Money; disputed: boolean; inquiry: Inquiry | null; lost: Money; charging: Charging; paid_at: string; due_at: string | null;
  released_at: string | null; reserve_due_at: string | null; settles_in: string | null; title: Both; pieces: number;
  exchanged: { sold: Money; rate: string; source: string; on: string } | null;
}
export type PayeeState = 'opening' | 'onboarding' | 'ready' | 'restricted';
export interface PayeeOut { state: PayeeState | null; due: string[]; ready_at: string | null }
export type TransferState = 'wanted' | 'asked' | 'sent' | 'refused';
export interface TransferOut {
  id: string; order: string | null; state: TransferState; amount: Money; taken_back: Money;
  wanted_at: string; sent_at: string | null; failure: string | null;
}
export interface UnsentOut {
  merchant: string; order: string | null; amount: Money; why: string; refusals: number; since: string; again_at: string | null;
}
export interface NotBackOut { id: string; merchant: string; order: string | null; amount: Money; why: string; wanted_at: string }
export interface LateOwed { checkout: string; orders: string[]; paid: Money; owed: Money; ended_at: string }
export type PayoutState = 'pending' | 'in_transit' | 'paid' | 'failed' | 'canceled';
export interface PayoutOut {
  id: string; merchant: string | null; state: PayoutState; amount: Money;
  made_at: string; arrives_at: string; failure: string | null;
}
export interface RatesOut {
  on: string | null; source: string; pinned: boolean; fetched_at: string | null;
  too_old: boolean; refused_after_days: number; may_refresh: boolean;
}
export interface ReceiptsOut {
  year: number; total: Money; waiting: number; alerts: { threshold: Money; passed_at: string | null }[];
}
export interface PlanOut {
  id: string; bps: number; minimums: Record<string, number>; caps: Record<string, number>;
  subsidy_bps: number; hold_days: number; reserve_bps: number; reserve_days: number;
  settles_in: string | null; charge_mode: ChargeMode; valid_from: string; in_force: boolean;
}
export type PaymentState = 'wanted' | 'asked' | 'open' | 'processing' | 'captured' | 'cancelled' | 'refused';
export interface PaymentListed {
  id: string; checkout: string; state: PaymentState; amount: Money; refunded: Money;
  provider: string | null; recorded_at: string; captured_at: string | null; failure: string | null;
  charging: Charging;
}
export type RefundState = 'wanted' | 'asked' | 'pending' | 'settled' | 'failed';
export interface RefundListed {
  id: string; payment: string; order: string; state: RefundState; amount: Money; reason: string;
  requested_at: string; settled_at: string | null; failure: string | null; outside: string | null;
}
export type DisputeState = 'inquiry' | 'needs_answer' | 'under_review' | 'won' | 'lost';
export interface DisputeOut {
  id: string; payment: string; checkout: string; state: DisputeState; amount: Money; fee: Money;
  reason: string; evidence: Record<string, string>; answer_by: string | null; opened_at: string;
  answered_at: string | null; closed_at: string | null; paid_outside: Money;
}
export type Match = 'matched' | 'young' | 'missing_here' | 'missing_there' | 'differing' | 'unreadable';
export interface DifferenceOut {
  id: string; thing: string; match: Match; kind: string; ours: Money | null; theirs: Money | null;
  lines: string[]; at: string; age_days: number; adjustment: string | null;
}
export interface ReconciliationOut {
  id: string; since: string; until: string; matched: number; young: number;
  proof: { ours: Money; theirs: Money | null; explained: Money; holds: boolean }[]; open: DifferenceOut[];
}
export interface EntryOut { account: string; owner: string | null; amount: Money }
export interface AdjustmentOut {
  id: string; state: 'proposed' | 'approved' | 'refused'; reverses: { kind: string; source: string } | null;
  entries: EntryOut[]; posts: EntryOut[]; reason: string; explains: string | null; proposed_by: string; proposer: string | null;
  proposed_at: string; decided_by: string | null; decider: string | null; decided_at: string | null;
}
export interface ExplainedOut {
  balance: Money; after: number | null;
  movements: { posting: number; kind: string; source: string; memo: string; occurred_at: string; amount: Money; balance: Money }[];
}
export interface MerchantOut { id: string; name: Both; slug: string }
