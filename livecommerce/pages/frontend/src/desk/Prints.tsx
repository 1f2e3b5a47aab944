// What can be done with the chosen orders: pick list, labels and invoices as PDF; and the export.
import { useState } from 'preact/hooks';
import { download } from '../api/http';
import { Icon, type IconName } from '../parts/Icon';
import { attempt } from '../parts/Toast';
import { deskWords } from '../words/desk';
import { lang } from '../words/lang';
import { chosen, query } from './store';

const PAPERS: ['pick_list' | 'labels' | 'invoices', IconName][] = [['pick_list', 'list'], ['labels', 'stamp'], ['invoices', 'doc']];

export function Prints() {
  const w = deskWords.value;
  const [spoken, speak] = useState(lang.value === 'en' ? 'en' : 'zh');
  const [busy, hold] = useState(false);
  const orders = [...chosen.value];
  if (orders.length === 0) return null;
  async function print(paper: string): Promise<void> {
    hold(true);
    await attempt(() => download('/v1/desk/papers', `${paper}.pdf`, { orders, paper, lang: spoken }));
    hold(false);
  }
  return (
    <div class="settle sticky bottom-3 z-20 mt-4 flex flex-wrap items-center gap-2 rounded-2xl border border-base-300 bg-base-100 p-3 shadow-lift" data-testid="chosen-bar">
      <span class="mr-auto pl-1 text-sm font-semibold" role="status">{w.chosen(orders.length)}</span>
      <label class="flex items-center gap-2 text-sm text-quiet max-sm:w-full">{w.print}
        <select class="input w-auto" value={spoken} onChange={(event) => speak(event.currentTarget.value)}>
          {Object.entries(w.languages).map(([key, label]) => <option key={key} value={key}>{label}</option>)}
        </select>
      </label>
      {PAPERS.map(([paper, icon]) => (
        <button key={paper} type="button" class="btn btn-quiet max-sm:flex-1 max-sm:px-2" disabled={busy} data-testid={`print-${paper}`} onClick={() => void print(paper)}>
          <Icon name={icon} size={18} class="max-sm:hidden" />{w[paper]}
        </button>
      ))}
    </div>
  );
}

export function Exports() {
  const w = deskWords.value;
  const [busy, hold] = useState(false);
  async function take(kind: string): Promise<void> {
    hold(true);
    await attempt(() => download(`/v1/desk/orders/export?kind=${kind}&${query()}`, `orders.${kind}`));
    hold(false);
  }
  return (
    <>
      {['csv', 'xlsx'].map((kind) => (
        <button key={kind} type="button" class="btn btn-quiet" disabled={busy} data-testid={`export-${kind}`} onClick={() => void take(kind)}>{w.exportAs} {kind.toUpperCase()}</button>
      ))}
    </>
  );
}
