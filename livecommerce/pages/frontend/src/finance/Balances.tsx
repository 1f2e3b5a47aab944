// What a merchant is owed, a panel for each currency: only what there is something of.
import type { BalanceOut } from '../api/money';
import type { Money } from '../api/wire';
import { money } from '../money';
import { Empty } from '../parts/Empty';
import { moneyWords } from '../words/money';

type Part = 'available' | 'pending' | 'held' | 'reserve' | 'transit' | 'owes';

const PARTS: Part[] = ['available', 'pending', 'held', 'reserve', 'transit', 'owes'];
const LOOK: Partial<Record<Part, string>> = { available: 'text-success', owes: 'text-error' };

/** As wide as its amount, however long that is. */
function Sum({ part, amount }: { part: Part; amount: Money }) {
  const w = moneyWords.value;
  const hints: Record<Part, string> = {
    available: '', pending: w.pendingHint, held: w.heldHint, reserve: w.reserveHint, transit: w.transitHint, owes: w.owesHint,
  };
  return (
    <div class="max-w-full flex-1 basis-36 rounded-xl bg-base-200/70 px-4 py-3" data-testid="sum" data-part={part}>
      <dt class="text-xs font-semibold text-quiet">{w[part]}</dt>
      <dd>
        <span class={`mt-0.5 block font-serif text-lg font-semibold whitespace-nowrap tabular-nums sm:text-xl ${LOOK[part] ?? ''}`}>{money(amount)}</span>
        {hints[part] && <span class="mt-0.5 block text-xs leading-snug text-quiet">{hints[part]}</span>}
      </dd>
    </div>
  );
}

export function Balances({ balances }: { balances: BalanceOut[] }) {
  const w = moneyWords.value;
  if (balances.length === 0) return <div class="panel"><Empty icon="card" text={w.noMoney} /></div>;
  const of = (each: BalanceOut) => PARTS.filter((part) => each[part].minor !== 0);
  const empty = balances.filter((each) => of(each).length === 0).map((each) => each.pending.currency);
  return (
    <div class="flex flex-col gap-3" data-testid="balances">
      {balances.filter((each) => of(each).length > 0).map((each) => (
        <section key={each.pending.currency} class="panel p-3" aria-label={each.pending.currency} data-testid="balance" data-currency={each.pending.currency}>
          <dl class="flex flex-wrap gap-2">{of(each).map((part) => <Sum key={part} part={part} amount={each[part]} />)}</dl>
        </section>
      ))}
      {empty.length > 0 && <p class="px-1 text-sm text-quiet" data-testid="nothing-in">{w.nothingIn(empty.join(', '))}</p>}
    </div>
  );
}
