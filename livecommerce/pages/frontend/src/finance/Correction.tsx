// Proposing a change of the books: entries that balance, or the mirror image of a posting.
import { useState } from 'preact/hooks';
import { newKey, post } from '../api/http';
import type { ExplainedOut } from '../api/money';
import { minorOf, money } from '../money';
import { Field } from '../parts/pieces';
import { Sheet } from '../parts/Sheet';
import { attempt, say } from '../parts/Toast';
import { dayAndTime } from '../time';
import { accountName, moneyWords } from '../words/money';
import { kindName } from '../words/provider';
import type { Names } from './Entries';

/** Shares and transfers account for these; nobody changes them by hand. */
const OF_ORDERS = new Set(['merchant_pending', 'merchant_reserve', 'merchant_transit']);
const PER_PLACE = new Set(['duty_payable', 'tax_payable']);
const owned = (account: string) => account.startsWith('merchant_');

interface Typed { account: string; owner: string; place: string; side: 'debit' | 'credit'; amount: string }

const blank = (side: Typed['side']): Typed => ({ account: 'suspense', owner: '', place: '', side, amount: '' });

/** What a line comes to, in minor units, debits positive; null while it is not whole. */
function minorOfLine(line: Typed, currency: string): number | null {
  const minor = minorOf(line.amount, currency);
  const placed = !PER_PLACE.has(line.account) || /^[A-Z]{2}(-[A-Z0-9]{1,3})?$/.test(line.place);
  if (!minor || !placed || (owned(line.account) && !line.owner)) return null;
  return line.side === 'debit' ? minor : -minor;
}

function Line({ line, names, number, change, drop }: {
  line: Typed; names: Names; number: number; change: (part: Partial<Typed>) => void; drop: (() => void) | undefined;
}) {
  const w = moneyWords.value;
  const of = (label: string) => `${label} ${number}`;
  return (
    <li class="grid grid-cols-[5.5rem_1fr] gap-2 rounded-xl bg-base-200/70 p-3 sm:grid-cols-[5.5rem_1fr_8rem]" data-testid="line">
      <select class="select" name="side" aria-label={of(w.side)} value={line.side} onChange={(event) => change({ side: event.currentTarget.value as Typed['side'] })}>
        <option value="debit">{w.debit}</option>
        <option value="credit">{w.credit}</option>
      </select>
      <select class="select w-full" name="account" aria-label={of(w.account)} value={line.account} onChange={(event) => change({ account: event.currentTarget.value, owner: '', place: '' })}>
        {Object.keys(w.accounts).filter((each) => !OF_ORDERS.has(each)).map((each) => <option key={each} value={each}>{accountName(each)}</option>)}
      </select>
      <input class="input col-span-2 w-full sm:col-span-1" name="amount" inputMode="decimal" placeholder="0.00" aria-label={of(w.amount)} value={line.amount} onInput={(event) => change({ amount: event.currentTarget.value })} />
      {owned(line.account) && (
        <select class="select col-span-full w-full" name="owner" aria-label={of(w.owner)} value={line.owner} onChange={(event) => change({ owner: event.currentTarget.value })}>
          <option value="">{w.whose}</option>
          {[...names].map(([id, name]) => <option key={id} value={id}>{name}</option>)}
        </select>
      )}
      {PER_PLACE.has(line.account) && (
        <input class="input col-span-full w-full uppercase" name="place" maxLength={6} placeholder="DE" aria-label={of(w.place)} value={line.place} onInput={(event) => change({ place: event.currentTarget.value.trim().toUpperCase() })} />
      )}
      {drop && <button type="button" class="btn btn-ghost btn-sm col-span-full justify-self-end" onClick={drop}>{w.dropLine}</button>}
    </li>
  );
}

export function Correction({ names, onClose }: { names: Names; onClose: () => void }) {
  const w = moneyWords.value;
  const [currency, count] = useState('EUR');
  const [lines, put] = useState<Typed[]>([blank('debit'), blank('credit')]);
  const [reason, explain] = useState('');
  const known = /^[A-Z]{3}$/.test(currency);
  const minors = lines.map((line) => (known ? minorOfLine(line, currency) : null));
  const whole = !minors.includes(null);
  const off = minors.reduce<number>((total, each) => total + (each ?? 0), 0);
  const change = (at: number, part: Partial<Typed>) => put(lines.map((each, index) => (index === at ? { ...each, ...part } : each)));
  const send = () => attempt(async () => {
    const entries = lines.map((line, at) => ({
      account: line.place ? `${line.account}:${line.place}` : line.account, owner: line.owner || null, amount: { minor: minors[at], currency },
    }));
    await post('/v1/adjustments', { entries, reason: reason.trim() }, newKey());
    say(w.proposed);
    onClose();
  });
  return (
    <Sheet
      open tall title={w.correct} onClose={onClose} testid="correction-sheet"
      footer={<button type="button" class="btn btn-primary w-full" disabled={!whole || off !== 0 || reason.trim().length < 3} onClick={() => void send()} data-testid="propose">{w.propose}</button>}
    >
      <div class="flex flex-col gap-4 px-5 py-5">
        <p class="text-sm text-quiet">{w.correctHint}</p>
        <Field label={w.limitFields.currency}>
          <input class="input w-28 uppercase" name="currency" maxLength={3} value={currency} onInput={(event) => count(event.currentTarget.value.trim().toUpperCase())} />
        </Field>
        <ul class="flex flex-col gap-2">
          {lines.map((line, at) => (
            <Line
              key={at} line={line} names={names} number={at + 1} change={(part) => change(at, part)}
              drop={lines.length > 2 ? () => put(lines.filter((_, index) => index !== at)) : undefined}
            />
          ))}
        </ul>
        <div class="flex flex-wrap items-center gap-3">
          <button type="button" class="btn btn-quiet btn-sm" disabled={lines.length >= 20} onClick={() => put([...lines, blank('credit')])} data-testid="add-line">{w.addLine}</button>
          <p role="status" class={`text-sm ${off === 0 ? 'text-quiet' : 'font-semibold text-error'}`} data-testid="off">
            {known && off !== 0 ? w.offBy(money({ minor: Math.abs(off), currency }), off > 0 ? w.debit : w.credit) : whole ? w.balances : ''}
          </p>
        </div>
        <Field label={w.reason}><input class="input w-full" name="reason" maxLength={500} value={reason} onInput={(event) => explain(event.currentTarget.value)} /></Field>
      </div>
    </Sheet>
  );
}

export function Reversal({ of, onClose }: { of: Pick<ExplainedOut['movements'][number], 'kind' | 'source' | 'occurred_at' | 'amount'>; onClose: () => void }) {
  const w = moneyWords.value;
  const [reason, explain] = useState('');
  const send = () => attempt(async () => {
    await post('/v1/adjustments', { reverses: { kind: of.kind, source: of.source }, reason: reason.trim() }, newKey());
    say(w.proposed);
    onClose();
  });
  return (
    <Sheet
      open title={w.reverse} onClose={onClose} testid="reversal-sheet"
      footer={<button type="button" class="btn btn-primary w-full" disabled={reason.trim().length < 3} onClick={() => void send()} data-testid="propose">{w.propose}</button>}
    >
      <div class="flex flex-col gap-4 px-5 py-5 text-sm">
        <p class="rounded-xl bg-base-200 p-3 break-all">
          <b>{kindName(of.kind)}</b> · {of.source}
          <span class="mt-1 block text-quiet">{dayAndTime(of.occurred_at)} · {money(of.amount)}</span>
        </p>
        <p class="text-quiet">{of.kind === 'refund-outside' ? w.notPaidHint : w.reverseHint}</p>
        <Field label={w.reason}><input class="input w-full" name="reason" maxLength={500} value={reason} onInput={(event) => explain(event.currentTarget.value)} /></Field>
      </div>
    </Sheet>
  );
}
