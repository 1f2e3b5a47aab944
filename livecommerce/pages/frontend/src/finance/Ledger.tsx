// The books: every account's sum by currency, down to its postings, each of which may be reversed.
import { useState } from 'preact/hooks';
import { get } from '../api/http';
import type { EntryOut, ExplainedOut } from '../api/money';
import { money } from '../money';
import { Icon } from '../parts/Icon';
import { Empty, useAsked, Waiting } from '../parts/pieces';
import { Sheet } from '../parts/Sheet';
import { attempt } from '../parts/Toast';
import { dayAndTime } from '../time';
import { accountName, moneyWords } from '../words/money';
import { kindName } from '../words/provider';
import { Reversal } from './Correction';
import { merchantNames, type Names } from './Entries';
import { Row, Rows, Section, Tag } from './Rows';
import { byCurrency, type Trial } from './trial';

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

/** One account: the whole row opens its movements. */
function AccountLine({ line, names, onOpen }: { line: EntryOut; names: Names; onOpen: (line: EntryOut) => void }) {
  return (
    <li data-testid="account-line">
      <button type="button" aria-haspopup="dialog" title={moneyWords.value.explain} class="flex min-h-11 w-full cursor-pointer items-center gap-3 px-3 py-2 text-left hover:bg-base-200" onClick={() => onOpen(line)} data-testid="explain">
        <span class="min-w-0 flex-1">
          <span class="block text-sm font-semibold">{accountName(line.account)}</span>
          <span class="block text-xs wrap-anywhere text-quiet">{line.account}{line.owner ? ` · ${names.get(line.owner) ?? line.owner}` : ''}</span>
        </span>
        <span class="text-sm font-semibold whitespace-nowrap tabular-nums">{money(line.amount)}</span>
        <Icon name="right" size={16} class="shrink-0 text-quiet" />
      </button>
    </li>
  );
}

/** One currency's accounts, and whether they balance: counted here, not claimed. */
function Currency({ part, names, onOpen }: { part: Trial; names: Names; onOpen: (line: EntryOut) => void }) {
  const w = moneyWords.value;
  const { currency, debit, credit } = part;
  const of = (minor: number) => money({ minor, currency });
  const even = debit === credit;
  const stand = part.lines.filter((each) => each.amount.minor !== 0);
  const flat = part.lines.filter((each) => each.amount.minor === 0);
  const row = (each: EntryOut) => <AccountLine key={`${each.account} ${each.owner}`} line={each} names={names} onOpen={onOpen} />;
  return (
    <section class="mt-2 rounded-xl border border-base-300" aria-label={currency} data-testid="trial" data-currency={currency} data-even={even}>
      <header class="flex flex-wrap items-center gap-x-4 gap-y-1 rounded-t-xl bg-base-200 px-3 py-2.5">
        <h3 class="font-serif text-lg font-semibold">{currency}</h3>
        <span class="text-xs text-quiet">{w.accountsOf(part.lines.length)}</span>
        <Tag tone={even ? 'good' : 'bad'}><Icon name={even ? 'check' : 'alert'} size={14} />{even ? w.sumsToZero : w.notZero(of(debit - credit))}</Tag>
        <span class="flex w-full flex-wrap gap-x-4 text-xs whitespace-nowrap text-quiet sm:ml-auto sm:w-auto"><span>{w.debit} {of(debit)}</span><span>{w.credit} {of(credit)}</span></span>
      </header>
      <ul class="divide-y divide-base-300/60" data-testid="accounts">{stand.map(row)}</ul>
      {flat.length > 0 && (
        <details class="group border-t border-base-300/60" data-testid="at-zero">
          <summary class="flex min-h-11 list-none items-center gap-1 px-3 text-xs font-semibold text-quiet [&::-webkit-details-marker]:hidden">
            {w.atZero(flat.length)}<Icon name="down" size={14} class="transition-transform group-open:rotate-180" />
          </summary>
          <ul class="divide-y divide-base-300/60">{flat.map(row)}</ul>
        </details>
      )}
    </section>
  );
}

function Books({ lines, names }: { lines: EntryOut[]; names: Names }) {
  const w = moneyWords.value;
  const [opened, open] = useState<EntryOut | null>(null);
  const [chosen, choose] = useState('');
  const parts = byCurrency(lines);
  const off = parts.filter((each) => each.debit !== each.credit).map((each) => each.currency);
  const shown = parts.filter((each) => !chosen || each.currency === chosen);
  return (
    <div class="px-0 pb-1 sm:px-3">
      <p class={`flex items-center gap-1.5 px-3 pb-2 text-sm sm:px-0 ${off.length > 0 ? 'font-semibold text-error' : 'text-success'}`} data-testid="balanced" data-even={off.length === 0}>
        <Icon name={off.length > 0 ? 'alert' : 'check'} size={16} />{off.length > 0 ? w.unbalanced(off.join(', ')) : w.balanced}
      </p>
      {parts.length > 1 && (
        <div class="no-bar flex gap-1.5 overflow-x-auto px-3 sm:px-0" role="group" aria-label={w.allAccounts} data-testid="currencies">
          {['', ...parts.map((each) => each.currency)].map((each) => (
            <button
              key={each} type="button" aria-pressed={chosen === each} onClick={() => choose(each)}
              class={`min-h-11 cursor-pointer rounded-full px-4 text-sm font-semibold whitespace-nowrap ${chosen === each ? 'bg-secondary text-secondary-content' : 'bg-base-200 text-quiet hover:text-base-content'}`}
            >
              {each || w.everyCurrency}
            </button>
          ))}
        </div>
      )}
      {shown.map((each) => <Currency key={each.currency} part={each} names={names} onOpen={open} />)}
      {parts.length === 0 && <Empty icon="list" text={w.nothing} />}
      {opened && <Explained line={opened} names={names} onClose={() => open(null)} />}
    </div>
  );
}

export function Ledger() {
  const w = moneyWords.value;
  const asked = useAsked(accountsAndNames, []);
  return (
    <Section
      id="ledger" title={w.allAccounts}
      aside={<a class="btn btn-quiet btn-sm" href="/v1/ledger/journal" download>{w.journal}</a>}
    >
      <Waiting asked={asked}>{(told) => <Books {...told} />}</Waiting>
    </Section>
  );
}
