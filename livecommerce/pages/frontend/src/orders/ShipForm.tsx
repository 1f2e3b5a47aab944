// What a merchant does with a paid order: ship it, or give money back.
import { useState } from 'preact/hooks';
import { get, newKey, post } from '../api/http';
import { keepsBooks } from '../api/me';
import type { CarrierOut, OrderOut } from '../api/wire';
import { Field, useAsked } from '../parts/pieces';
import { attempt, say } from '../parts/Toast';
import { money } from '../money';
import { afterwards } from '../words/afterwards';
import { told } from '../words/lang';
import { orderWords } from '../words/order';
import { PaidOtherwise } from './PaidOtherwise';
import { chosenLines, Pieces, waiting, type Chosen } from './Pieces';

export function ShipForm({ order, onDone }: { order: OrderOut; onDone: () => void }) {
  const w = orderWords.value;
  const a = afterwards.value;
  const all: Chosen = Object.fromEntries(order.lines.map((line) => [line.id, waiting(line)]));
  const weighs = (pieces: Chosen) => String(Math.ceil(order.lines.reduce((sum, line) => sum + line.weight_g * (pieces[line.id] ?? 0), 0) * 1.08));
  const [chosen, choose] = useState<Chosen>(all);
  const [partly, split] = useState(false);
  const [form, put] = useState({ carrier: '', tracking: '', weight: weighs(all) });
  const [busy, hold] = useState(false);
  const [despite, mean] = useState(false);
  const contested = order.disputed.minor > 0;
  const carriers = useAsked(() => get<CarrierOut[]>('/v1/carriers'), []);
  async function ship(): Promise<void> {
    hold(true);
    const body = { carrier: form.carrier, tracking: form.tracking, weight_g: Number(form.weight), lines: chosenLines(partly ? chosen : all), despite_dispute: contested && despite };
    const done = await attempt(() => post(`/v1/orders/${order.id}/consignments`, body, newKey()));
    hold(false);
    if (!done) return;
    say(w.shipped);
    onDone();
  }
  return (
    <form
      class="flex flex-col gap-3" data-testid="ship-form"
      onSubmit={(event) => {
        event.preventDefault();
        void ship();
      }}
    >
      <p class="text-sm text-quiet">{w.shipHint}</p>
      <Field label={w.carrier}>
        <select class="input" required name="carrier" value={form.carrier} onChange={(event) => put({ ...form, carrier: event.currentTarget.value })}>
          <option value="" disabled>{w.chooseCarrier}</option>
          {carriers.data?.map((each) => <option key={each.code} value={each.name}>{told(each.label)}</option>)}
        </select>
      </Field>
      <Field label={w.tracking}><input class="input" required maxLength={32} name="tracking" value={form.tracking} onInput={(event) => put({ ...form, tracking: event.currentTarget.value })} /></Field>
      <Field label={w.weight}><input class="input" required inputMode="numeric" pattern="[0-9]+" name="weight" value={form.weight} onInput={(event) => put({ ...form, weight: event.currentTarget.value })} /></Field>
      {Object.values(all).reduce((sum, count) => sum + count, 0) > 1 && (
        <label class="flex min-h-11 items-center gap-2 text-sm">
          <input type="checkbox" class="checkbox" checked={partly} data-testid="ship-partly" onChange={(event) => {
            split(event.currentTarget.checked);
            choose({});
            put({ ...form, weight: event.currentTarget.checked ? '' : weighs(all) });
          }} />
          {a.partial}
        </label>
      )}
      {partly && (
        <Pieces lines={order.lines} most={waiting} chosen={chosen} label={a.choose} onChange={(to) => {
          choose(to);
          put({ ...form, weight: weighs(to) });
        }} />
      )}
      {contested && (
        <label class="flex min-h-11 items-center gap-2 text-sm font-medium text-error">
          <input type="checkbox" class="checkbox" checked={despite} data-testid="ship-despite" onChange={(event) => mean(event.currentTarget.checked)} />
          {w.contested.despite}
        </label>
      )}
      <button type="submit" class="btn btn-primary" disabled={busy || (contested && !despite) || (partly && chosenLines(chosen).length === 0)} data-testid="ship">{w.ship}</button>
    </form>
  );
}

export function RefundForm({ order, onDone }: { order: OrderOut; onDone: () => void }) {
  const w = orderWords.value;
  const [reason, put] = useState('');
  const [busy, hold] = useState(false);
  async function refund(): Promise<void> {
    hold(true);
    const done = await attempt(() => post(`/v1/orders/${order.id}/refunds`, { reason }, newKey()));
    hold(false);
    if (!done) return;
    say(w.refundDone);
    onDone();
  }
  async function again(): Promise<void> {
    hold(true);
    const body = { amount: order.owed, reason: w.sentAgain };
    const done = await attempt(() => post(`/v1/orders/${order.id}/refunds`, body, newKey()));
    hold(false);
    if (!done) return;
    say(w.refundDone);
    onDone();
  }
  if (order.owed.minor > 0) {
    return (
      <>
        <button type="button" class="btn btn-primary mt-2 w-full" disabled={busy} data-testid="refund-again" onClick={() => void again()}>{w.sendAgain(money(order.owed))}</button>
        {keepsBooks.value && <PaidOtherwise at={`/v1/orders/${order.id}`} owed={order.owed} onDone={onDone} />}
      </>
    );
  }
  return (
    <form
      class="flex flex-col gap-3" data-testid="refund-form"
      onSubmit={(event) => {
        event.preventDefault();
        void refund();
      }}
    >
      <Field label={w.reason}><input class="input" required maxLength={300} name="reason" value={reason} onInput={(event) => put(event.currentTarget.value)} /></Field>
      <button type="submit" class="btn btn-quiet text-error" disabled={busy} data-testid="refund">{w.refundAll}</button>
    </form>
  );
}
