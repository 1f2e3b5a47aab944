// The books: every account's sum, down to its postings; and changes that two people agree on.
import { useState } from 'preact/hooks';
import { get, newKey, post } from '../api/http';
import { me } from '../api/me';
import type { AdjustmentOut, EntryOut, ExplainedOut } from '../api/money';
import { money } from '../money';
import { Empty, useAsked, Waiting } from '../parts/pieces';
import { Sheet } from '../parts/Sheet';
import { attempt } from '../parts/Toast';
import { dayAndTime } from '../time';
import { accountName, moneyWords } from '../words/money';
import { Row, Rows, Section, Tag } from './Rows';

function Explained({ line, onClose }: { line: EntryOut; onClose: () => void }) {
  const w = moneyWords.value;
  const query = new URLSearchParams({ account: line.account, currency: line.amount.currency, ...(line.owner ? { owner: line.owner } : {}) });
  const path = `/v1/ledger/balance?${query}`;
  const asked = useAsked(() => get<ExplainedOut>(path), [path]);
  const more = (told: ExplainedOut) => attempt(async () => {
    const next = await get<ExplainedOut>(`${path}&after=${told.after}`);
    asked.set({ ...next, balance: told.balance, movements: [...told.movements, ...next.movements] });
  });
  return (
    <Sheet open drawer tall title={accountName(line.account)} onClose={onClose} testid="explain-sheet">
      <Waiting asked={asked}>
        {(told) => (
          <div class="px-3 py-4">
            <p class="px-3 text-xs text-quiet">{w.balance}{line.owner ? ` · ${line.owner}` : ''}</p>
            <p class="px-3 pb-2 font-serif text-2xl font-semibold" data-testid="explained-balance">{money(told.balance)}</p>
            <Rows items={told.movements} testid="movements" row={(each) => (
              <Row key={`${each.posting}-${each.balance.minor}`} title={each.kind} sub={<>{dayAndTime(each.occurred_at)} · {each.source}{each.memo ? ` · ${each.memo}` : ''}</>} amount={each.amount} under={money(each.balance)} />
            )} />
            {told.after && <p class="py-3 text-center"><button type="button" class="btn btn-quiet" onClick={() => void more(told)}>{w.moreMovements}</button></p>}
          </div>
        )}
      </Waiting>
    </Sheet>
  );
}

export function Ledger() {
  const w = moneyWords.value;
  const asked = useAsked(() => get<EntryOut[]>('/v1/ledger/trial-balance'), []);
  const [opened, open] = useState<EntryOut | null>(null);
  return (
    <Section
      id="ledger" title={w.allAccounts} hint={w.balanced}
      aside={<a class="btn btn-quiet btn-sm" href="/v1/ledger/journal" download>{w.journal}</a>}
    >
      <Waiting asked={asked}>
        {(lines) => <Rows items={lines} testid="accounts" row={(each) => (
          <Row
            key={`${each.account} ${each.owner} ${each.amount.currency}`} testid="account-line" title={accountName(each.account)} sub={<>{each.account}{each.owner ? ` · ${each.owner}` : ''}</>} amount={each.amount}
            action={<button type="button" class="btn btn-quiet btn-sm" onClick={() => open(each)} data-testid="explain">{w.explain}</button>}
          />
        )} />}
      </Waiting>
      {opened && <Explained line={opened} onClose={() => open(null)} />}
    </Section>
  );
}

export function Adjustments() {
  const w = moneyWords.value;
  const asked = useAsked(() => get<AdjustmentOut[]>('/v1/adjustments'), []);
  const decide = (each: AdjustmentOut, how: 'approval' | 'refusal') => attempt(async () => {
    await post(`/v1/adjustments/${each.id}/${how}`, {}, newKey());
    asked.again();
  });
  const tones = { proposed: 'wait', approved: 'good', refused: 'quiet' } as const;
  return (
    <Section id="adjustments" title={w.tabs.adjustments}>
      <Waiting asked={asked}>
        {(items) => (items.length === 0 ? <Empty icon="check" text={w.noAdjustments} /> : (
          <Rows items={items} testid="adjustments" row={(each) => {
            const mine = each.proposed_by === me.value?.id;
            const what = each.reverses ? w.reversal(`${each.reverses.kind} ${each.reverses.source}`) : each.entries.map((e) => `${accountName(e.account)} ${money(e.amount)}`).join(' · ');
            return (
              <Row
                key={each.id} testid="adjustment" title={each.reason} sub={<>{what}<br />{each.proposed_by} · {dayAndTime(each.proposed_at)}</>}
                tag={<Tag tone={tones[each.state]}>{w.adjustmentStates[each.state]}</Tag>}
                action={each.state === 'proposed' && (
                  <>
                    {mine ? <span class="text-xs text-quiet">{w.ownProposal}</span> : <button type="button" class="btn btn-primary btn-sm" onClick={() => void decide(each, 'approval')} data-testid="approve">{w.approve}</button>}
                    <button type="button" class="btn btn-quiet btn-sm" onClick={() => void decide(each, 'refusal')}>{w.refuse}</button>
                  </>
                )}
              />
            );
          }} />
        ))}
      </Waiting>
    </Section>
  );
}
