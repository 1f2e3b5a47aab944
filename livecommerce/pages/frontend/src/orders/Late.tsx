// A payment that came when the goods were gone: what of it still has to reach the buyer.
import { useEffect, useState } from 'preact/hooks';
import { get, newKey, post } from '../api/http';
import { isStaff, keepsBooks, me } from '../api/me';
import type { CheckoutOut, OrderOut } from '../api/wire';
import { attempt, say } from '../parts/Toast';
import { money } from '../money';
import { orderWords } from '../words/order';
import { PaidOtherwise } from './PaidOtherwise';

/** That it did not arrive, as whoever reads it is told. */
export function owedLate(checkout: CheckoutOut): string {
  const w = orderWords.value;
  return (isStaff.value ? w.owedToBuyer : w.owedLate)(money(checkout.owed));
}

/** What finance staff do about it. */
export function LateOwed({ checkout, onDone }: { checkout: CheckoutOut; onDone: (after: CheckoutOut) => void }) {
  const w = orderWords.value;
  const [busy, hold] = useState(false);
  if (checkout.owed.minor <= 0 || !keepsBooks.value) return null;
  const at = `/v1/checkouts/${checkout.id}`;
  async function again(): Promise<void> {
    hold(true);
    await attempt(async () => {
      const body = { amount: checkout.owed, reason: w.sentAgain };
      onDone(await post<CheckoutOut>(`${at}/owed/refunds`, body, newKey()));
      say(w.refundDone);
    });
    hold(false);
  }
  return (
    <div class="px-5 pb-5">
      <button type="button" class="btn btn-primary w-full" disabled={busy} data-testid="late-again" onClick={() => void again()}>{w.sendAgain(money(checkout.owed))}</button>
      <PaidOtherwise at={at} owed={checkout.owed} onDone={() => void attempt(async () => onDone(await get<CheckoutOut>(at)))} />
    </div>
  );
}

/** On the page of an order that was cancelled: that its payment came all the same. */
export function PaidLate({ order }: { order: OrderOut }) {
  const w = orderWords.value;
  const [checkout, put] = useState<CheckoutOut | null>(null);
  const mayHave = order.state === 'cancelled' && !order.paid_at && (order.buyer === me.value?.id || isStaff.value);
  useEffect(() => {
    if (mayHave) void attempt(async () => put(await get<CheckoutOut>(`/v1/checkouts/${order.checkout}`)));
  }, [mayHave, order]);
  if (checkout?.state !== 'late_refunded') return null;
  const owes = checkout.owed.minor > 0;
  return (
    <div class={`mb-5 rounded-xl p-4 text-sm ${owes ? 'bg-[#f9ebcf] text-[#6d4300]' : 'bg-base-200'}`} role="status" data-testid="paid-late">
      <p class="font-semibold">{w.tooLate}</p>
      <p class="mt-1">{owes ? owedLate(checkout) : w.lateBack(money(checkout.total))} <a class="link inline-flex min-h-9 items-center font-semibold" href={`/checkout/${checkout.id}`}>{w.tooLateMore}</a></p>
    </div>
  );
}
