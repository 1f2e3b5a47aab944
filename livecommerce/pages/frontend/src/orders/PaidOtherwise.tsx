// What a failed refund owes, paid by the centre's bank: finance staff write down that it was.
import { useState } from 'preact/hooks';
import { newKey, post } from '../api/http';
import type { Money } from '../api/wire';
import { Field } from '../parts/pieces';
import { Sheet } from '../parts/Sheet';
import { attempt, say } from '../parts/Toast';
import { majorOf, minorOf, money } from '../money';
import { orderWords } from '../words/order';

/** ``at`` is the path of the order or the checkout that owes it. */
interface Owing { at: string; owed: Money; onDone: () => void }

function Form({ at, owed, onDone }: Owing) {
  const w = orderWords.value;
  const { currency } = owed;
  const [typed, put] = useState({ amount: majorOf(owed), reference: '', reason: '' });
  const [busy, hold] = useState(false);
  const minor = minorOf(typed.amount, currency);
  const fits = minor !== null && minor > 0 && minor <= owed.minor;
  async function paid(): Promise<void> {
    hold(true);
    const body = { amount: { minor, currency }, reference: typed.reference.trim(), reason: typed.reason.trim() };
    const done = await attempt(() => post(`${at}/owed/paid`, body, newKey()));
    hold(false);
    if (!done) return;
    say(w.paidOtherwiseDone);
    onDone();
  }
  const field = (name: keyof typeof typed, label: string, most: number, hint?: string) => (
    <Field label={label} {...(hint ? { hint } : {})}>
      <input
        class="input" required maxLength={most} name={name} value={typed[name]} inputMode={name === 'amount' ? 'decimal' : 'text'}
        aria-invalid={name === 'amount' && !fits} onInput={(event) => put({ ...typed, [name]: event.currentTarget.value })}
      />
    </Field>
  );
  return (
    <form
      class="flex flex-col gap-4 px-5 py-5"
      onSubmit={(event) => {
        event.preventDefault();
        void paid();
      }}
    >
      <p class="rounded-xl bg-base-200 p-3 text-sm">{w.paidOtherwiseHint}</p>
      {field('amount', `${w.amountPaid} (${currency})`, 14, w.atMost(money(owed)))}
      {field('reference', w.bankReference, 100)}
      {field('reason', w.reason, 300)}
      <button type="submit" class="btn btn-primary" data-testid="paid-otherwise" disabled={busy || !fits || !typed.reference.trim() || !typed.reason.trim()}>{w.recordPaid(money({ minor: minor ?? 0, currency }))}</button>
    </form>
  );
}

export function PaidOtherwise({ at, owed, onDone }: Owing) {
  const w = orderWords.value;
  const [open, show] = useState(false);
  return (
    <>
      <button type="button" class="btn btn-quiet mt-2 w-full" data-testid="paid-otherwise-open" onClick={() => show(true)}>{w.paidOtherwise}</button>
      <Sheet open={open} title={w.paidOtherwise} onClose={() => show(false)} testid="paid-otherwise-sheet">
        <Form
          at={at} owed={owed}
          onDone={() => {
            show(false);
            onDone();
          }}
        />
      </Sheet>
    </>
  );
}
