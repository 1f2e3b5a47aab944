// A buyer's bank contests the payment: what it has, and what that means for whoever looks.
import { me } from '../api/me';
import type { OrderOut } from '../api/wire';
import { Icon } from '../parts/Icon';
import { money } from '../money';
import { forViewer } from '../time';
import { orderWords } from '../words/order';

/** What can still go back to the buyer. */
export function left(order: OrderOut): number {
  return order.total.minor - order.refunded.minor - order.disputed.minor;
}

const LOOK = { open: 'bg-[#fbe3dd] text-error', lost: 'bg-[#fbe3dd] text-error', won: 'bg-[#e3efe6] text-success' };
const BUYERS_LOOK = { ...LOOK, lost: 'bg-calico text-indigo', won: 'bg-base-300 text-base-content' };

export function Contested({ order }: { order: OrderOut }) {
  if (!order.dispute) return null;
  const w = orderWords.value.contested;
  const buys = order.buyer === me.value?.id;
  const states = buys ? w.buyersStates : w.states;
  const look = buys ? BUYERS_LOOK : LOOK;
  return (
    <section class={`mb-5 rounded-2xl p-4 ${look[order.dispute]}`} role="status" data-testid="contested" data-state={order.dispute}>
      <p class="flex items-start gap-2 font-semibold"><Icon name={order.dispute === 'won' ? 'check' : order.dispute === 'lost' && buys ? 'info' : 'alert'} size={20} class="mt-0.5 shrink-0" /><span>{(buys ? w.buyer : w.seller)[order.dispute]}</span></p>
      <ul class="mt-1.5 text-sm text-base-content">
        {order.disputes.map((each) => (
          <li key={each.id} class="flex flex-wrap justify-between gap-x-3"><span>{w.since(forViewer(each.opened_at))} · {states[each.state]}</span><span class="font-semibold">{money(each.amount)}</span></li>
        ))}
      </ul>
      {order.dispute === 'open' && <p class="mt-1.5 text-sm text-base-content">{buys ? w.buyerHint : w.sellerHint}</p>}
    </section>
  );
}

/** The buyer's bank only asks: nothing is held, and what proves the sale is wanted. */
export function Asked({ order }: { order: OrderOut }) {
  if (!order.inquiry || order.buyer === me.value?.id) return null;
  const w = orderWords.value.contested;
  const { opened_at: since, answer_by: by } = order.inquiry;
  return (
    <section class="mb-5 rounded-2xl bg-calico p-4 text-indigo" role="status" data-testid="inquiry">
      <p class="flex items-start gap-2 font-semibold"><Icon name="info" size={20} class="mt-0.5 shrink-0" /><span>{w.asked}</span></p>
      <p class="mt-1.5 text-sm text-base-content">{w.since(forViewer(since))} · {w.inquiry}{by && ` · ${w.answerBy(forViewer(by))}`}</p>
      <p class="mt-1.5 text-sm text-base-content">{w.askedHint}</p>
    </section>
  );
}

export function InquiryTag() {
  return <span class="tag bg-calico text-indigo" data-testid="inquiry-tag">{orderWords.value.contested.inquiry}</span>;
}

/** One word for a row of a list. */
export function ContestedTag({ dispute, buys = false }: { dispute: OrderOut['dispute']; buys?: boolean }) {
  if (!dispute || dispute === 'won') return null;
  const w = orderWords.value.contested;
  return <span class={`tag ${(buys ? BUYERS_LOOK : LOOK)[dispute]}`} data-testid="contested-tag" data-state={dispute}>{(buys ? w.buyersStates : w.states)[dispute]}</span>;
}
