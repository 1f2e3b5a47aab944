// Our books against the provider's balance, and the queue of what does not agree.
import { useState } from 'preact/hooks';
import { get, newKey, post } from '../api/http';
import type { DifferenceOut, ReconciliationOut } from '../api/money';
import { money } from '../money';
import { Icon } from '../parts/Icon';
import { Empty, Field, useAsked, Waiting } from '../parts/pieces';
import { Sheet } from '../parts/Sheet';
import { attempt } from '../parts/Toast';
import { dayAndTime } from '../time';
import { accountName, moneyWords } from '../words/money';
import { kindName } from '../words/provider';
import { Row, Rows, Section, Tag } from './Rows';

const AGAINST = ['stripe_fee', 'suspense', 'refund_cost', 'dispute_fee', 'rounding', 'bank', 'customer_payable'];

/** What a difference is about; what only the sums show has no name of its own. */
function thingName(item: DifferenceOut): string {
  if (item.thing !== 'balance') return item.thing;
  return item.match === 'unreadable' ? moneyWords.value.unreadableSum : moneyWords.value.unexplainedSum;
}

/** Both sides of it; what cannot be read has none, but the provider's own words. */
function sides({ ours, theirs, lines }: DifferenceOut): string[] {
  const w = moneyWords.value;
  return ours && theirs ? [`${w.ours} ${money(ours)}`, `${w.theirs} ${money(theirs)}`] : [`${w.itsWords} ${lines.at(-1) ?? ''}`];
}

function Resolve({ item, onClose }: { item: DifferenceOut; onClose: () => void }) {
  const w = moneyWords.value;
  const [account, pick] = useState('stripe_fee');
  const [reason, put] = useState('');
  const send = (posting: boolean) => attempt(async () => {
    const body = posting ? { account, reason } : { reason };
    await post(`/v1/reconciliation/${item.id}/resolution`, body, newKey());
    onClose();
  });
  const short = reason.trim().length < 3;
  return (
    <Sheet open title={`${w.resolve} · ${w.matches[item.match]}`} onClose={onClose} testid="resolve-sheet">
      <div class="flex flex-col gap-4 px-5 py-5">
        <p class="rounded-xl bg-base-200 p-3 text-sm break-all">
          {thingName(item)}
          <span class="mt-1 block font-semibold">{sides(item).join(' · ')}</span>
        </p>
        {item.match === 'unreadable' ? <p class="text-sm text-quiet">{w.unreadableHint}</p> : (
          <Field label={w.resolveBy}>
            <select class="select" value={account} onChange={(event) => pick(event.currentTarget.value)} data-testid="account">
              {AGAINST.map((each) => <option key={each} value={each}>{accountName(each)}</option>)}
            </select>
          </Field>
        )}
        <Field label={w.reason}><input class="input" maxLength={400} value={reason} onInput={(event) => put(event.currentTarget.value)} data-testid="reason" /></Field>
        <div class="flex flex-wrap gap-2">
          <button type="button" class="btn btn-quiet flex-1" disabled={short} onClick={() => void send(false)}>{w.inWords}</button>
          {item.match !== 'unreadable' && <button type="button" class="btn btn-primary flex-1" disabled={short} onClick={() => void send(true)} data-testid="propose">{w.byPosting}</button>}
        </div>
      </div>
    </Sheet>
  );
}

function Proof({ each }: { each: ReconciliationOut['proof'][number] }) {
  const w = moneyWords.value;
  const explained = each.theirs !== null && each.explained.minor === each.ours.minor - each.theirs.minor;
  return (
    <li class="flex flex-wrap items-center gap-x-5 gap-y-1 rounded-xl bg-base-200/70 px-4 py-3">
      <span class="flex items-center gap-2 font-semibold"><Icon name={each.holds ? 'check' : 'alert'} class={each.holds ? 'text-success' : 'text-error'} />{each.ours.currency}</span>
      <span class="text-sm">{w.ours} <b>{money(each.ours)}</b></span>
      <span class="text-sm">{w.theirs} <b>{each.theirs ? money(each.theirs) : w.matches.unreadable}</b></span>
      <Tag tone={each.holds ? 'good' : explained ? 'wait' : 'bad'}>{each.holds ? w.proofHolds : explained ? w.explained : w.unexplained}</Tag>
    </li>
  );
}

function Told({ run, again }: { run: ReconciliationOut; again: () => void }) {
  const w = moneyWords.value;
  const [opened, open] = useState<DifferenceOut | null>(null);
  return (
    <>
      <p class="px-3 pb-2 text-xs text-quiet">{w.lastRun(dayAndTime(run.until))} · {w.matched(run.matched)} · {w.young(run.young)}</p>
      <ul class="flex flex-col gap-2 px-3 pb-3" data-testid="proof">{run.proof.map((each) => <Proof key={each.ours.currency} each={each} />)}</ul>
      {run.open.length === 0 ? <Empty icon="check" text={run.proof.every((each) => each.holds) ? w.nothingOpen : w.nothingOpenButKnown} /> : (
        <Rows items={run.open} testid="differences" row={(each) => (
          <Row
            key={each.id} testid="difference" title={thingName(each)} sub={<>{kindName(each.kind)} · {w.days(each.age_days)}{each.lines.length > 0 ? ` · ${each.lines.join(', ')}` : ''}</>}
            tag={<Tag tone={each.match === 'differing' ? 'wait' : 'bad'}>{w.matches[each.match]}</Tag>}
            under={<>{sides(each).map((side) => <span key={side} class="block">{side}</span>)}</>}
            action={each.adjustment ? <Tag tone="wait">{w.waitsForSecond}</Tag> : <button type="button" class="btn btn-secondary btn-sm" onClick={() => open(each)} data-testid="resolve">{w.resolve}</button>}
          />
        )} />
      )}
      {opened && (
        <Resolve
          item={opened}
          onClose={() => {
            open(null);
            again();
          }}
        />
      )}
    </>
  );
}

export function Reconciliation() {
  const w = moneyWords.value;
  const asked = useAsked(async () => ({ run: await get<ReconciliationOut | null>('/v1/reconciliation') }), []);
  const [busy, hold] = useState(false);
  async function compare(): Promise<void> {
    hold(true);
    await attempt(() => post<ReconciliationOut>('/v1/reconciliation'));
    hold(false);
    asked.again();
  }
  return (
    <Section
      id="reconciliation" title={w.tabs.reconciliation}
      aside={<button type="button" class="btn btn-secondary btn-sm" disabled={busy} onClick={() => void compare()} data-testid="compare"><Icon name="refresh" size={16} />{w.runNow}</button>}
    >
      <Waiting asked={asked}>
        {({ run }) => (run ? <Told run={run} again={asked.again} /> : <Empty icon="list" text={w.neverRun} />)}
      </Waiting>
    </Section>
  );
}
