// Changes of the books that two people agree on: one proposes, another sees what it is and approves.
import { useState } from 'preact/hooks';
import { get, newKey, post } from '../api/http';
import { me } from '../api/me';
import type { AdjustmentOut } from '../api/money';
import { Empty, useAsked, Waiting } from '../parts/pieces';
import { Sheet } from '../parts/Sheet';
import { attempt, say } from '../parts/Toast';
import { dayAndTime } from '../time';
import { moneyWords } from '../words/money';
import { kindName } from '../words/provider';
import { Correction } from './Correction';
import { Entries, merchantNames, type Names } from './Entries';
import { Row, Rows, Section, Tag } from './Rows';

const TONES = { proposed: 'wait', approved: 'good', refused: 'quiet' } as const;

function What({ each, names }: { each: AdjustmentOut; names: Names }) {
  const w = moneyWords.value;
  return (
    <>
      {each.reverses && <p>{w.reversal(`${kindName(each.reverses.kind)} ${each.reverses.source}`)}</p>}
      <Entries entries={each.posts} names={names} />
      <p class="mt-1" data-testid="who">
        {w.proposedBy(each.proposer ?? each.proposed_by, dayAndTime(each.proposed_at))}
        {each.decided_by && each.decided_at && <> · {w.decidedBy[each.state](each.decider ?? each.decided_by, dayAndTime(each.decided_at))}</>}
      </p>
    </>
  );
}

function Approve({ each, names, onClose }: { each: AdjustmentOut; names: Names; onClose: () => void }) {
  const w = moneyWords.value;
  const approve = () => attempt(async () => {
    await post(`/v1/adjustments/${each.id}/approval`, {}, newKey());
    say(w.posted);
    onClose();
  });
  return (
    <Sheet
      open title={w.approve} onClose={onClose} testid="approve-sheet"
      footer={<button type="button" class="btn btn-primary w-full" onClick={() => void approve()} data-testid="approve-surely">{w.approveAndPost}</button>}
    >
      <div class="flex flex-col gap-3 px-5 py-5 text-sm">
        <p class="font-semibold break-words">{each.reason}</p>
        <div class="rounded-xl bg-base-200 p-3"><What each={each} names={names} /></div>
        <p class="text-quiet">{w.approveHint}</p>
      </div>
    </Sheet>
  );
}

async function adjustmentsAndNames(): Promise<{ items: AdjustmentOut[]; names: Names }> {
  const [items, names] = await Promise.all([get<AdjustmentOut[]>('/v1/adjustments'), merchantNames()]);
  return { items, names };
}

export function Adjustments() {
  const w = moneyWords.value;
  const asked = useAsked(adjustmentsAndNames, []);
  const [opened, open] = useState<AdjustmentOut | null>(null);
  const [proposing, propose] = useState(false);
  const refuse = (each: AdjustmentOut) => attempt(async () => {
    await post(`/v1/adjustments/${each.id}/refusal`, {}, newKey());
    asked.again();
  });
  const closed = () => {
    open(null);
    propose(false);
    asked.again();
  };
  return (
    <Section
      id="adjustments" title={w.tabs.adjustments} hint={w.adjustmentsHint}
      aside={<button type="button" class="btn btn-secondary btn-sm" onClick={() => propose(true)} data-testid="correct">{w.correct}</button>}
    >
      <Waiting asked={asked}>
        {({ items, names }) => (
          <>
            {items.length === 0 ? <Empty icon="check" text={w.noAdjustments} /> : (
              <Rows items={items} testid="adjustments" row={(each) => (
                <Row
                  key={each.id} testid="adjustment" title={each.reason} sub={<What each={each} names={names} />}
                  tag={<Tag tone={TONES[each.state]}>{w.adjustmentStates[each.state]}</Tag>}
                  action={each.state === 'proposed' && (
                    <>
                      {each.proposed_by === me.value?.id
                        ? <span class="self-center text-xs text-quiet">{w.ownProposal}</span>
                        : <button type="button" class="btn btn-primary btn-sm" onClick={() => open(each)} data-testid="approve">{w.approve}</button>}
                      <button type="button" class="btn btn-quiet btn-sm" onClick={() => void refuse(each)} data-testid="refuse">{each.proposed_by === me.value?.id ? w.takeBack : w.refuse}</button>
                    </>
                  )}
                />
              )} />
            )}
            {opened && <Approve each={opened} names={names} onClose={closed} />}
            {proposing && <Correction names={names} onClose={closed} />}
          </>
        )}
      </Waiting>
    </Section>
  );
}
