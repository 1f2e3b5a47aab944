// The finance desk: payments, refunds, disputes, payouts, reconciliation, the books.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ComponentType } from 'preact';
import { loadMe, me } from '../api/me';
import { Adjustments } from '../finance/Adjustments';
import { Disputes } from '../finance/Disputes';
import { Ledger } from '../finance/Ledger';
import { AllStatements, Payments, Payouts, Refunds } from '../finance/Lists';
import { Rates } from '../finance/Rates';
import { Reconciliation } from '../finance/Reconciliation';
import { NotYours, SignInFirst } from '../parts/Barred';
import { Frame } from '../parts/Frame';
import { show } from '../parts/show';
import { moneyWords } from '../words/money';

const TABS = {
  payments: Payments, refunds: Refunds, disputes: Disputes, payouts: Payouts, reconciliation: Reconciliation,
  adjustments: Adjustments, ledger: Ledger, statements: AllStatements,
} satisfies Record<string, ComponentType>;

type Tab = keyof typeof TABS;

const named = (): Tab => {
  const wanted = location.hash.slice(1);
  return wanted in TABS ? (wanted as Tab) : 'payments';
};

function Desk() {
  const w = moneyWords.value;
  const [tab, open] = useState<Tab>(named);
  useEffect(() => {
    const heard = () => open(named());
    addEventListener('hashchange', heard);
    return () => removeEventListener('hashchange', heard);
  }, []);
  const chosen = useRef<HTMLAnchorElement>(null);
  useEffect(() => chosen.current?.scrollIntoView({ inline: 'center', block: 'nearest' }), [tab]);
  const Shown = TABS[tab];
  return (
    <>
      <nav aria-label={w.finance} class="no-bar -mx-4 mb-5 flex gap-1 overflow-x-auto px-4" data-testid="finance-tabs">
        {(Object.keys(TABS) as Tab[]).map((each) => (
          <a
            key={each} ref={tab === each ? chosen : null} href={`#${each}`} aria-current={tab === each ? 'page' : undefined}
            class={`flex min-h-11 items-center rounded-full px-4 text-sm font-semibold whitespace-nowrap ${tab === each ? 'bg-secondary text-secondary-content' : 'bg-base-100 text-quiet hover:text-base-content'}`}
          >
            {w.tabs[each]}
          </a>
        ))}
      </nav>
      <Rates />
      <Shown />
    </>
  );
}

function Finance() {
  const w = moneyWords.value;
  useEffect(() => void loadMe(), []);
  const who = me.value;
  const may = who?.staff.some((role) => role === 'finance' || role === 'admin');
  return (
    <Frame title={w.finance}>
      <h1 class="font-serif text-3xl font-semibold">{w.finance}</h1>
      <p class="mt-1 mb-4 text-sm text-quiet">{w.financeLead}</p>
      {may ? <Desk /> : who?.kind === 'person' ? <div class="panel"><NotYours /></div> : <div class="panel"><SignInFirst /></div>}
    </Frame>
  );
}

show(Finance);
