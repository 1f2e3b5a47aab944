// The merchant's order desk: find orders, ship, print and export many, see to returns.
import { useEffect, useState } from 'preact/hooks';
import { isStaff, loadMe, me } from '../api/me';
import { BulkSheet } from '../desk/Bulk';
import { Filters } from '../desk/Filters';
import { Exports, Prints } from '../desk/Prints';
import { Rows } from '../desk/Rows';
import { failed, look, lookAtReturns, returns, rows } from '../desk/store';
import { ReturnPill } from '../orders/Returns';
import { Barred, NotYours, SignInFirst } from '../parts/Barred';
import { Frame } from '../parts/Frame';
import { Icon } from '../parts/Icon';
import { Empty, Waiting } from '../parts/pieces';
import { show } from '../parts/show';
import { dayAndTime } from '../time';
import { afterwards } from '../words/afterwards';
import { deskWords } from '../words/desk';

type Tab = 'orders' | 'returns';

function ReturnList() {
  const w = afterwards.value;
  const found = returns.value;
  useEffect(() => void lookAtReturns(), []);
  if (found?.length === 0) return <section class="panel"><Empty icon="box" text={deskWords.value.noReturns} /></section>;
  return (
    <section class="panel px-3 py-1">
      <ul>
        {found?.map((each) => (
          <li key={each.id} class="border-b border-dashed border-base-300 last:border-0">
            <a href={`/orders/${each.order}`} class="flex flex-wrap items-center gap-x-4 gap-y-1 rounded-xl p-3 hover:bg-base-200" data-testid="return-row" data-return={each.id}>
              <ReturnPill state={each.state} />
              <span class="text-sm font-semibold">{w.wishes[each.wish]} · {w.pieces(each.lines.reduce((sum, line) => sum + line.count, 0))}</span>
              <span class="min-w-40 flex-1 text-sm text-quiet">{w.returnReasons[each.reason]}{each.note && ` · ${each.note}`}</span>
              <span class="text-xs text-quiet">{dayAndTime(each.asked_at)}</span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Body() {
  const w = deskWords.value;
  const [tab, turn] = useState<Tab>('orders');
  const [bulk, open] = useState(false);
  useEffect(() => void look(), []);
  const asked = { data: rows.value, error: failed.value, again: () => void look(), set: () => undefined };
  return (
    <>
      <div class="mb-5 flex flex-wrap items-end justify-between gap-3">
        <div>
          <h1 class="font-serif text-3xl font-semibold">{w.title}</h1>
          <p class="mt-1 text-sm text-quiet">{w.lead}</p>
        </div>
        <div class="flex flex-wrap gap-2">
          <Exports />
          <button type="button" class="btn btn-secondary" data-testid="open-bulk" onClick={() => open(true)}><Icon name="truck" size={18} />{w.bulk}</button>
        </div>
      </div>
      <div class="mb-4 flex gap-1" role="tablist">
        {(['orders', 'returns'] as const).map((each) => (
          <button key={each} type="button" role="tab" aria-selected={tab === each} data-testid={`tab-${each}`} class={`min-h-11 rounded-lg px-4 text-sm font-semibold ${tab === each ? 'bg-calico text-indigo' : 'text-quiet hover:bg-base-200'}`} onClick={() => turn(each)}>{w.tabs[each]}</button>
        ))}
      </div>
      {tab === 'returns' ? <ReturnList /> : (
        <>
          <Filters />
          {failed.value !== null && rows.value === null ? <Barred error={failed.value} again={() => void look()} /> : <Waiting asked={asked}>{() => <Rows />}</Waiting>}
          <Prints />
        </>
      )}
      {bulk && <BulkSheet onClose={() => open(false)} onShipped={() => void look()} />}
    </>
  );
}

function Page() {
  const w = deskWords.value;
  useEffect(() => void loadMe(), []);
  const who = me.value;
  const works = isStaff.value || (who?.memberships.length ?? 0) > 0;
  return (
    <Frame title={w.title} wide>
      {who && (works ? <Body /> : who.kind === 'person' ? <NotYours /> : <SignInFirst />)}
    </Frame>
  );
}

show(Page);
