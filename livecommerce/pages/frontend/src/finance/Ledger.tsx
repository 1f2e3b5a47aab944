// The books: every account's sum, down to its postings, each of which may be reversed.
import { useState } from 'preact/hooks';
import { get } from '../api/http';
import type { EntryOut, ExplainedOut } from '../api/money';
import { money } from '../money';
import { useAsked, Waiting } from '../parts/pieces';
import { Sheet } from '../parts/Sheet';
import { attempt } from '../parts/Toast';
import { dayAndTime } from '../time';
import { accountName, moneyWords } from '../words/money';
import { kindName } from '../words/provider';
import { Reversal } from './Correction';
import { merchantNames, type Names } from './Entries';
import { Row, Rows, Section } from './Rows';

function Explained({ line, names, onClose }: { line: EntryOut; names: Names; onClose: () => void }) {
  const w = moneyWords.value;
  const query = new URLSearchParams({ account: line.account, currency: line.amount.currency, ...(line.owner ? { owner: line.owner } : {}) });
  const path = `/v1/ledger/balance?${query}`;
  const asked = useAsked(() => get<ExplainedOut>(path), [path]);
  const [reversing, reverse] = useState<ExplainedOut['movements'][number] | null>(null);
  const more = (told: ExplainedOut) => attempt(async () => {
    const next = await get<ExplainedOut>(`${path}&after=${told.after}`);
    asked.set({ ...next, balance: told.balance, movements: [...told.movements, ...next.movements] });
  });
  return (
    <Sheet open drawer tall title={accountName(line.account)} onClose={onClose} testid="explain-sheet">
      <Waiting asked={asked}>
        {(told) => (
          <div class="px-3 py-4">
            <p class="px-3 text-xs text-quiet">{w.balance}{line.owner ? ` · ${names.get(line.owner) ?? line.owner}` : ''}</p>
            <p class="px-3 pb-2 font-serif text-2xl font-semibold" data-testid="explained-balance">{money(told.balance)}</p>
            <Rows items={told.movements} testid="movements" row={(each) => (
              <Row
                key={`${each.posting}-${each.balance.minor}`} testid="movement" title={kindName(each.kind)} sub={<>{dayAndTime(each.occurred_at)} · {each.source}{each.memo ? ` · ${each.memo}` : ''}</>} amount={each.amount} under={money(each.balance)}
                action={!each.kind.endsWith('.reversed') && <button type="button" class="btn btn-ghost btn-sm" onClick={() => reverse(each)} data-testid="reverse">{w.reverse}</button>}
              />
            )} />
            {reversing && <Reversal of={reversing} onClose={() => reverse(null)} />}
            {told.after && <p class="py-3 text-center"><button type="button" class="btn btn-quiet" onClick={() => void more(told)}>{w.moreMovements}</button></p>}
          </div>
        )}
      </Waiting>
    </Sheet>
  );
}

async function accountsAndNames(): Promise<{ lines: EntryOut[]; names: Names }> {
  const [lines, names] = await Promise.all([get<EntryOut[]>('/v1/ledger/trial-balance'), merchantNames()]);
  return { lines, names };
}

export function Ledger() {
  const w = moneyWords.value;
  const asked = useAsked(accountsAndNames, []);
  const [opened, open] = useState<EntryOut | null>(null);
  return (
    <Section
      id="ledger" title={w.allAccounts} hint={w.balanced}
      aside={<a class="btn btn-quiet btn-sm" href="/v1/ledger/journal" download>{w.journal}</a>}
    >
      <Waiting asked={asked}>
        {({ lines, names }) => (
          <>
            <Rows items={lines} testid="accounts" row={(each) => (
              <Row
                key={`${each.account} ${each.owner} ${each.amount.currency}`} testid="account-line" title={accountName(each.account)}
                sub={<>{each.account}{each.owner ? ` · ${names.get(each.owner) ?? each.owner}` : ''}</>} amount={each.amount}
                action={<button type="button" class="btn btn-quiet btn-sm" onClick={() => open(each)} data-testid="explain">{w.explain}</button>}
              />
            )} />
            {opened && <Explained line={opened} names={names} onClose={() => open(null)} />}
          </>
        )}
      </Waiting>
    </Section>
  );
}
