// Goods that come back: the buyer asks, the seller answers, looks at them and settles.
import { useState } from 'preact/hooks';
import { newKey, post } from '../api/http';
import type { ReturnOut, ReturnReason, ReturnsOut, ReturnState } from '../api/afterwards';
import type { OrderOut } from '../api/wire';
import { Icon } from '../parts/Icon';
import { Field } from '../parts/pieces';
import { attempt, say } from '../parts/Toast';
import { money } from '../money';
import { forViewer } from '../time';
import { afterwards } from '../words/afterwards';
import { chosenLines, named, Pieces, returnable, type Chosen } from './Pieces';

const LOOK: Record<ReturnState, string> = {
  asked: 'bg-[#f9ebcf] text-[#6d4300]',
  approved: 'bg-calico text-indigo',
  received: 'bg-calico text-indigo',
  inspected: 'bg-calico text-indigo',
  refused: 'bg-base-300 text-base-content',
  withdrawn: 'bg-base-300 text-base-content',
  refunded: 'bg-[#e3efe6] text-success',
  exchanged: 'bg-[#e3efe6] text-success',
};

export function ReturnPill({ state }: { state: ReturnState }) {
  return <span class={`tag ${LOOK[state]}`} data-testid="return-state" data-state={state}>{afterwards.value.returnStates[state]}</span>;
}

export function canReturn(order: OrderOut): boolean {
  return order.lines.some((line) => returnable(line) > 0);
}

export function ReturnForm({ order, until, onDone }: { order: OrderOut; until: string | null; onDone: () => void }) {
  const w = afterwards.value;
  const [chosen, choose] = useState<Chosen>({});
  const [form, put] = useState({ wish: 'refund', reason: 'wrong_size' as ReturnReason, note: '' });
  const [busy, hold] = useState(false);
  const lines = chosenLines(chosen);
  async function ask(): Promise<void> {
    hold(true);
    const done = await attempt(() => post(`/v1/orders/${order.id}/returns`, { ...form, lines }, newKey()));
    hold(false);
    if (!done) return;
    choose({});
    put({ ...form, note: '' });
    say(w.asked);
    onDone();
  }
  if (until && Date.parse(until) < Date.now()) return <p class="text-sm text-quiet">{w.returnOver}</p>;
  return (
    <form
      class="flex flex-col gap-3" data-testid="return-form"
      onSubmit={(event) => {
        event.preventDefault();
        void ask();
      }}
    >
      <p class="text-sm text-quiet">{until ? w.returnLead(forViewer(until)) : w.returnOpen}</p>
      <Pieces lines={order.lines} most={returnable} chosen={chosen} onChange={choose} label={w.choose} />
      <div class="grid gap-3 sm:grid-cols-2">
        <Field label={w.wish}>
          <select class="input" name="wish" value={form.wish} onChange={(event) => put({ ...form, wish: event.currentTarget.value })}>
            {Object.entries(w.wishes).map(([key, label]) => <option key={key} value={key}>{label}</option>)}
          </select>
        </Field>
        <Field label={w.reason}>
          <select class="input" name="reason" value={form.reason} onChange={(event) => put({ ...form, reason: event.currentTarget.value as ReturnReason })}>
            {Object.entries(w.returnReasons).map(([key, label]) => <option key={key} value={key}>{label}</option>)}
          </select>
        </Field>
      </div>
      <Field label={w.note}><textarea class="textarea" rows={2} maxLength={500} name="note" value={form.note} onInput={(event) => put({ ...form, note: event.currentTarget.value })} /></Field>
      <button type="submit" class="btn btn-secondary" disabled={busy || lines.length === 0} data-testid="ask-return">{w.ask}</button>
    </form>
  );
}

function Steps({ back, order, onDone }: { back: ReturnOut; order: OrderOut; onDone: () => void }) {
  const w = afterwards.value;
  const [note, put] = useState('');
  const [lost, lose] = useState<Record<string, number>>({});
  const [busy, hold] = useState(false);
  async function go(step: string, body: unknown = {}): Promise<void> {
    hold(true);
    const done = await attempt(() => post(`/v1/returns/${back.id}/${step}`, body, newKey()));
    hold(false);
    if (!done) return;
    put('');
    say(w.done);
    onDone();
  }
  if (back.state === 'asked') {
    return (
      <div class="flex flex-col gap-2">
        <Field label={`${w.approveHint} · ${w.refuseHint}`}><textarea class="textarea" rows={2} maxLength={500} name="answer" value={note} onInput={(event) => put(event.currentTarget.value)} /></Field>
        <div class="flex gap-2">
          <button type="button" class="btn btn-secondary flex-1" disabled={busy} data-testid="approve-return" onClick={() => void go('approval', { note })}>{w.approve}</button>
          <button type="button" class="btn btn-quiet flex-1 text-error" disabled={busy || !note.trim()} data-testid="refuse-return" onClick={() => void go('refusal', { note })}>{w.refuse}</button>
        </div>
      </div>
    );
  }
  if (back.state === 'approved') {
    return <button type="button" class="btn btn-secondary w-full" disabled={busy} data-testid="receive-return" onClick={() => void go('receipt')}>{w.receive}</button>;
  }
  if (back.state === 'received') {
    const lines = back.lines.map((each) => {
      const off = Math.min(each.count, lost[each.line] ?? 0);
      return { line: each.line, restocked: each.count - off, written_off: off };
    });
    return (
      <div class="flex flex-col gap-2">
        {lines.map((each) => (
          <div key={each.line} class="flex flex-wrap items-center gap-2 text-sm">
            <span class="min-w-32 flex-1">{named(order, each.line)}</span>
            <span class="text-quiet">{w.restock} {each.restocked}</span>
            <label class="flex items-center gap-1.5">{w.writeOff}
              <input class="input w-auto max-w-20" type="number" min={0} max={each.restocked + each.written_off} value={each.written_off} onInput={(event) => lose({ ...lost, [each.line]: Math.max(0, Number(event.currentTarget.value) || 0) })} />
            </label>
          </div>
        ))}
        <button type="button" class="btn btn-secondary" disabled={busy} data-testid="inspect-return" onClick={() => void go('inspection', { lines })}>{w.inspect}</button>
      </div>
    );
  }
  if (back.state !== 'inspected') return null;
  const first = back.wish;
  return (
    <div class="flex gap-2">
      <button type="button" class={`btn flex-1 ${first === 'refund' ? 'btn-secondary' : 'btn-quiet'}`} disabled={busy} data-testid="settle-refund" onClick={() => void go('resolution', { give: 'refund' })}>{w.giveMoney}</button>
      <button type="button" class={`btn flex-1 ${first === 'exchange' ? 'btn-secondary' : 'btn-quiet'}`} disabled={busy} data-testid="settle-exchange" onClick={() => void go('resolution', { give: 'exchange' })}>{w.giveGoods}</button>
    </div>
  );
}

export function Returns({ order, returns, seller, onDone }: { order: OrderOut; returns: ReturnsOut; seller: boolean; onDone: () => void }) {
  const w = afterwards.value;
  const withdraw = (id: string) => attempt(async () => {
    await post(`/v1/returns/${id}/withdrawal`, {}, newKey());
    say(w.withdrawn);
    onDone();
  });
  return (
    <ul class="mb-4 flex flex-col gap-3">
      {returns.items.map((each) => (
        <li key={each.id} class="rounded-xl border border-base-300 p-3 text-sm" data-testid="return" data-state={each.state}>
          <p class="mb-1.5 flex flex-wrap items-center gap-2"><ReturnPill state={each.state} /><span class="font-semibold">{w.wishes[each.wish]}</span><span class="text-xs text-quiet">{forViewer(each.asked_at)}</span></p>
          {each.lines.map((line) => <p key={line.line} class="font-medium">{line.count} × {named(order, line.line)}</p>)}
          <p class="text-quiet">{w.returnReasons[each.reason]}{each.note && ` · ${each.note}`}</p>
          {each.answer && <p class="mt-1.5 flex gap-1.5 break-words"><Icon name="chat" size={16} class="mt-0.5" /><span><span class="text-quiet">{w.merchantSays}</span> {each.answer}</span></p>}
          {each.refunded && <p class="mt-1 font-semibold text-success">{w.back(money(each.refunded))}</p>}
          {seller && <div class="mt-3"><Steps back={each} order={order} onDone={onDone} /></div>}
          {!seller && (each.state === 'asked' || each.state === 'approved') && <button type="button" class="btn btn-quiet mt-3" onClick={() => void withdraw(each.id)}>{w.withdraw}</button>}
        </li>
      ))}
    </ul>
  );
}
