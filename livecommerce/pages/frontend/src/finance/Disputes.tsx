// Disputes: what a bank contests, by when to answer, and the evidence that was put together.
import { useEffect, useState } from 'preact/hooks';
import { get, newKey, post } from '../api/http';
import type { DisputeOut } from '../api/money';
import { money } from '../money';
import { useAsked, Waiting } from '../parts/pieces';
import { Sheet } from '../parts/Sheet';
import { attempt, say } from '../parts/Toast';
import { dayAndTime } from '../time';
import { moneyWords } from '../words/money';
import { reasonName } from '../words/provider';
import { Row, RowLink, Rows, Section, Tag } from './Rows';

const OPEN = new Set(['inquiry', 'needs_answer', 'under_review']);

function Answer({ dispute, onClose }: { dispute: DisputeOut; onClose: () => void }) {
  const w = moneyWords.value;
  const [note, put] = useState('');
  const gathered = Object.entries(dispute.evidence);
  const send = (submit: boolean) => attempt(async () => {
    await post(`/v1/disputes/${dispute.id}/answer`, { note, submit }, newKey());
    say(w.sentEvidence);
    onClose();
  });
  return (
    <Sheet
      open tall title={`${w.answer} · ${money(dispute.amount)}`} onClose={onClose} testid="answer-sheet"
      footer={(
        <div class="flex flex-wrap gap-2">
          <button type="button" class="btn btn-quiet flex-1" onClick={() => void send(false)}>{w.keepEvidence}</button>
          <button type="button" class="btn btn-primary flex-1" onClick={() => void send(true)} data-testid="submit-evidence">{w.submitEvidence}</button>
        </div>
      )}
    >
      <div class="flex flex-col gap-4 px-5 py-4">
        {dispute.paid_outside.minor > 0 && <p role="alert" class="text-sm font-semibold text-error" data-testid="paid-outside">{w.paidOutsideHint(money(dispute.paid_outside))}</p>}
        <p class="text-sm text-quiet">{w.answerHint}</p>
        <label class="block">
          <span class="field-label">{w.note}</span>
          <textarea class="textarea" rows={3} maxLength={2000} value={note} onInput={(event) => put(event.currentTarget.value)} data-testid="note" />
        </label>
        <h3 class="font-semibold">{w.evidence}</h3>
        {gathered.length === 0 && <p role="status" class="text-sm text-quiet">{w.gathering}</p>}
        <dl class="flex flex-col gap-2 text-sm" data-testid="evidence">
          {gathered.map(([name, text]) => (
            <div key={name}>
              <dt class="text-xs font-semibold text-quiet">{w.evidenceFields[name] ?? name}</dt>
              <dd class="break-words whitespace-pre-wrap">{text}</dd>
            </div>
          ))}
        </dl>
      </div>
    </Sheet>
  );
}

export function Disputes() {
  const w = moneyWords.value;
  const asked = useAsked(() => get<DisputeOut[]>('/v1/disputes'), []);
  const [opened, open] = useState<string | null>(null);
  const answered = asked.data?.find((each) => each.id === opened);
  const empty = answered !== undefined && Object.keys(answered.evidence).length === 0;
  useEffect(() => {
    if (!empty) return;
    const timer = setInterval(asked.again, 2000);
    return () => clearInterval(timer);
  }, [empty]);
  return (
    <Section id="disputes" title={w.tabs.disputes}>
      <Waiting asked={asked}>
        {(items) => <Rows items={items} testid="disputes" row={(each) => (
          <Row
            key={each.id} testid="dispute" amount={each.amount} under={each.fee.minor > 0 ? w.fee(money(each.fee)) : undefined}
            title={<RowLink href={`/checkout/${each.checkout}`}>{dayAndTime(each.opened_at)}</RowLink>}
            sub={<>{reasonName(each.reason)}{each.answer_by && OPEN.has(each.state) ? ` · ${w.answerBy(dayAndTime(each.answer_by))}` : ''}{each.paid_outside.minor > 0 ? ` · ${w.paidOutside(money(each.paid_outside))}` : ''}</>}
            tag={<Tag tone={each.state === 'won' ? 'good' : each.state === 'lost' ? 'bad' : 'wait'}>{w.disputeStates[each.state]}</Tag>}
            action={OPEN.has(each.state) && <button type="button" class="btn btn-secondary btn-sm" onClick={() => open(each.id)} data-testid="answer">{w.answer}</button>}
          />
        )} />}
      </Waiting>
      {answered && (
        <Answer
          dispute={answered}
          onClose={() => {
            open(null);
            asked.again();
          }}
        />
      )}
    </Section>
  );
}
