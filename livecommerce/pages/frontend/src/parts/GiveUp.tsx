// Giving a purchase up before it is paid. It says what becomes of the goods and asks once more;
// while a payment is under way it is not offered, and the provider's word decides in any case.
import { useState } from 'preact/hooks';
import { remove } from '../api/http';
import type { CheckoutOut } from '../api/wire';
import { payingWords } from '../words/paying';
import { attempt } from './Toast';

export function GiveUp({ checkout, underWay, onChange }: {
  checkout: CheckoutOut; underWay: boolean; onChange: (told: CheckoutOut) => void;
}) {
  const w = payingWords.value;
  const [asking, ask] = useState(false);
  const [busy, work] = useState(false);
  const coupon = checkout.quote.parcels.some((parcel) =>
    parcel.charges.some((charge) => charge.offers.some((offer) => offer.kind === 'coupon')));
  async function giveUp(): Promise<void> {
    work(true);
    const told = await attempt(() => remove<CheckoutOut>(`/v1/checkouts/${checkout.id}`));
    work(false);
    ask(false);
    if (told) onChange(told);
  }
  if (underWay) return <p class="px-4 py-3 text-center text-xs text-quiet" data-testid="under-way">{w.underWay}</p>;
  if (!asking) {
    return <button type="button" class="btn btn-ghost text-quiet" onClick={() => ask(true)} data-testid="give-up">{w.giveUp}</button>;
  }
  return (
    <div class="mx-4 mb-3 rounded-2xl bg-base-200 p-4 text-left" role="group" aria-label={w.giveUp} data-testid="give-up-sure">
      <p class="font-semibold">{w.giveUpSure}</p>
      <p class="mt-1 text-sm leading-relaxed text-quiet">{w.giveUpHint}{coupon && ` ${w.giveUpCoupon}`}</p>
      <div class="mt-3 flex flex-wrap gap-2">
        <button type="button" class="btn btn-quiet flex-1" disabled={busy} onClick={() => ask(false)} data-testid="keep-paying">{w.keepPaying}</button>
        <button type="button" class="btn btn-primary flex-1" disabled={busy} onClick={() => void giveUp()} data-testid="give-up-surely">
          {busy && <span class="loading loading-spinner loading-sm" />}{w.giveUpSurely}
        </button>
      </div>
    </div>
  );
}
