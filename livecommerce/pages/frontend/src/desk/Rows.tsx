// The found orders: a row each, to be chosen and opened.
import type { DeskRow } from '../api/afterwards';
import type { OrderState } from '../api/wire';
import { ContestedTag, InquiryTag } from '../orders/Contested';
import { Empty } from '../parts/Empty';
import { Picture } from '../parts/Picture';
import { money } from '../money';
import { dayAndTime } from '../time';
import { deskWords } from '../words/desk';
import { told } from '../words/lang';
import { orderWords } from '../words/order';
import { chosen, more, next, rows, toggle } from './store';

const LOOK: Record<OrderState, string> = {
  placed: 'bg-base-300 text-base-content',
  paid: 'bg-[#f9ebcf] text-[#6d4300]',
  partly_shipped: 'bg-[#f9ebcf] text-[#6d4300]',
  shipped: 'bg-calico text-indigo',
  delivered: 'bg-[#e3efe6] text-success',
  cancelled: 'bg-base-300 text-base-content',
  refunded: 'bg-base-300 text-base-content',
};

function Row({ row }: { row: DeskRow }) {
  const w = deskWords.value;
  return (
    <li class="flex items-start gap-1 border-b border-dashed border-base-300 last:border-0 md:items-center" data-testid="desk-row" data-order={row.id} data-state={row.state}>
      <label class="grid size-11 shrink-0 place-items-center max-md:mt-2">
        <input type="checkbox" class="checkbox" aria-label={w.choose(row.id)} checked={chosen.value.has(row.id)} onChange={() => toggle(row.id)} />
      </label>
      <a href={`/orders/${row.id}`} class="grid min-w-0 flex-1 grid-cols-[3rem_minmax(0,1fr)_auto] items-center gap-x-3 gap-y-1 rounded-xl py-3 pr-2 hover:bg-base-200 md:grid-cols-[3rem_minmax(0,2.2fr)_minmax(0,1.3fr)_8rem_8rem]">
        <Picture src={row.picture} alt="" class="row-span-2 size-12 overflow-hidden rounded-lg md:row-span-1" />
        <span class="min-w-0">
          <span class="line-clamp-2 text-sm leading-snug font-medium md:line-clamp-1">{told(row.title)}</span>
          <span class="block text-xs break-words text-quiet md:truncate">{row.skus.join(', ')} · {w.pieces(row.pieces)}</span>
          <code class="hidden truncate text-xs text-quiet md:block">{row.id}</code>
        </span>
        <span class="min-w-0 text-sm max-md:col-start-2">
          <span class="block break-words md:truncate">{row.country} · {row.recipient ?? w.hidden}</span>
          <span class="block text-xs text-quiet md:truncate">{dayAndTime(row.placed_at)}</span>
          {row.trackings.length > 0 && <span class="block text-xs break-words text-quiet md:truncate">{row.trackings.join(', ')}</span>}
        </span>
        <span class="text-right text-sm font-semibold whitespace-nowrap max-md:col-start-3 max-md:row-start-1">
          {money(row.total)}
          {row.refunded.minor > 0 && <span class="block text-xs font-normal text-quiet">− {money(row.refunded)}</span>}
        </span>
        <span class="flex flex-col items-end gap-1 max-md:col-start-3 max-md:row-start-2">
          <span class={`tag ${LOOK[row.state]}`}>{orderWords.value.states[row.state]}</span>
          <ContestedTag dispute={row.dispute} />
          {row.inquiry && <InquiryTag />}
          {row.waiting > 0 && row.state !== 'placed' && row.state !== 'cancelled' && <span class="text-xs text-quiet">{w.waiting(row.waiting)}</span>}
          {row.owed.minor > 0 && <span class="text-right text-xs font-semibold text-error" data-testid="owed">{orderWords.value.owed(money(row.owed))}</span>}
          {row.returns_open > 0 && <span class="text-xs font-semibold text-error">{w.returning(row.returns_open)}</span>}
        </span>
      </a>
    </li>
  );
}

export function Rows() {
  const w = deskWords.value;
  const found = rows.value ?? [];
  const all = found.length > 0 && found.every((row) => chosen.value.has(row.id));
  if (found.length === 0) return <section class="panel"><Empty icon="box" text={w.none} /></section>;
  return (
    <section class="panel px-2 py-1 md:px-3">
      <label class="flex min-h-11 items-center gap-2.5 border-b border-base-300 pl-3 text-sm text-quiet">
        <input type="checkbox" class="checkbox" checked={all} data-testid="choose-all" onChange={() => (chosen.value = new Set(all ? [] : found.map((row) => row.id)))} />
        {w.chooseAll}
      </label>
      <ul data-testid="desk-rows">{found.map((row) => <Row key={row.id} row={row} />)}</ul>
      {next.value && <div class="flex justify-center p-3"><button type="button" class="btn btn-quiet" onClick={() => void more()}>{w.more}</button></div>}
    </section>
  );
}
