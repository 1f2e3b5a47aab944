// Cancelling pieces that were not sent yet, by the buyer or the seller; and what was cancelled.
import { useState } from 'preact/hooks';
import { get, newKey, post } from '../api/http';
import type { CancellationOut, CancelReason } from '../api/afterwards';
import type { OrderOut } from '../api/wire';
import { Field, useAsked } from '../parts/pieces';
import { attempt, say } from '../parts/Toast';
import { money } from '../money';
import { forViewer } from '../time';
import { afterwards } from '../words/afterwards';
import { chosenLines, named, Pieces, waiting, type Chosen } from './Pieces';

const BUYERS: CancelReason[] = ['changed_mind', 'by_mistake', 'too_slow', 'other'];
const SELLERS: CancelReason[] = ['out_of_stock', 'faulty', 'not_carried', 'suspicious', 'buyer_asked', 'other'];

export function canCancel(order: OrderOut): boolean {
  return ['paid', 'partly_shipped'].includes(order.state) && order.lines.some((line) => waiting(line) > 0);
}

export function CancelForm({ order, seller, onDone }: { order: OrderOut; seller: boolean; onDone: () => void }) {
  const w = afterwards.value;
  const reasons = seller ? SELLERS : BUYERS;
  const [chosen, choose] = useState<Chosen>({});
  const [reason, because] = useState<CancelReason>(reasons[0] ?? 'other');
  const [note, put] = useState('');
  const [busy, hold] = useState(false);
  const lines = chosenLines(chosen);
  async function cancel(): Promise<void> {
    hold(true);
    const done = await attempt(() => post(`/v1/orders/${order.id}/cancellations`, { lines, reason, note }, newKey()));
    hold(false);
    if (!done) return;
    choose({});
    put('');
    say(w.cancelled);
    onDone();
  }
  return (
    <form
      class="flex flex-col gap-3" data-testid="cancel-form"
      onSubmit={(event) => {
        event.preventDefault();
        void cancel();
      }}
    >
      <p class="text-sm text-quiet">{w.cancelLead}</p>
      <Pieces lines={order.lines} most={waiting} chosen={chosen} onChange={choose} label={w.choose} />
      <Field label={w.reason}>
        <select class="input" name="reason" value={reason} onChange={(event) => because(event.currentTarget.value as CancelReason)}>
          {reasons.map((each) => <option key={each} value={each}>{w.cancelReasons[each]}</option>)}
        </select>
      </Field>
      <Field label={w.note}><input class="input" maxLength={500} name="note" value={note} onInput={(event) => put(event.currentTarget.value)} /></Field>
      <button type="submit" class="btn btn-quiet text-error" disabled={busy || lines.length === 0} data-testid="cancel-pieces">{w.cancel}</button>
    </form>
  );
}

export function Cancellations({ order }: { order: OrderOut }) {
  const w = afterwards.value;
  const gone = order.lines.reduce((sum, line) => sum + line.cancelled, 0);
  const asked = useAsked(() => get<CancellationOut[]>(`/v1/orders/${order.id}/cancellations`), [gone]);
  if (!asked.data?.length) return null;
  return (
    <div class="mb-4">
      <h3 class="eyebrow mb-2">{w.cancellations}</h3>
      <ul class="flex flex-col gap-3">
        {asked.data.map((each) => (
          <li key={each.id} class="rounded-xl bg-base-200 p-3 text-sm" data-testid="cancellation">
            {each.lines.map((line) => <p key={line.line} class="font-medium">{line.count} × {named(order, line.line)}</p>)}
            <p class="mt-1 text-xs text-quiet">{w.by[each.side]} · {w.cancelReasons[each.reason]} · {forViewer(each.cancelled_at)}</p>
            {each.note && <p class="mt-1 break-words">{each.note}</p>}
            {each.refunded && <p class="mt-1 font-semibold text-success">{w.back(money(each.refunded))}</p>}
          </li>
        ))}
      </ul>
    </div>
  );
}
