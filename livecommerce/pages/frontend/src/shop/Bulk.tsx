// The same change to many products: said, looked at line by line, then done as it was seen.
import { useState } from 'preact/hooks';
import { get, post } from '../api/http';
import type { BulkLine, BulkOut, LocationOut } from '../api/wire';
import { Icon } from '../parts/Icon';
import { Field, useAsked } from '../parts/pieces';
import { Sheet } from '../parts/Sheet';
import { attempt, say } from '../parts/Toast';
import { exponentOf } from '../money';
import { told } from '../words/lang';
import { catalogueWords } from '../words/catalogue';
import { merchant } from './ShopFrame';

const KINDS = ['price_percent', 'price_amount', 'category', 'stock', 'archive', 'unarchive'];

interface Typed {
  kind: string; percent: string; amount: string; currency: string; category: string;
  change: string; reason: string; location: string;
}

const BLANK: Typed = {
  kind: 'price_percent', percent: '-10', amount: '', currency: '', category: '',
  change: '', reason: 'received', location: '',
};

/** The edit as the API takes it; null while something is missing. */
function editOf(typed: Typed): object | null {
  const { kind } = typed;
  if (kind === 'price_percent') {
    const percent = Number(typed.percent);
    return Number.isInteger(percent) && percent ? { kind, percent, currency: typed.currency || null } : null;
  }
  if (kind === 'price_amount') {
    const currency = typed.currency || 'CNY';
    const minor = Math.round(Number(typed.amount) * 10 ** exponentOf(currency));
    return Number.isFinite(minor) && minor ? { kind, amount: { minor, currency } } : null;
  }
  if (kind === 'category') return typed.category ? { kind, category: typed.category } : null;
  if (kind === 'stock') {
    const change = Number(typed.change);
    return Number.isInteger(change) && change ? { kind, change, reason: typed.reason, location: typed.location || null } : null;
  }
  return { kind };
}

function Say({ typed, put }: { typed: Typed; put: (to: Typed) => void }) {
  const w = catalogueWords.value;
  const places = useAsked(() => get<LocationOut[]>(`/v1/merchants/${merchant()}/locations`), []);
  const on = (name: keyof Typed) => (event: { currentTarget: { value: string } }) =>
    put({ ...typed, [name]: event.currentTarget.value });
  const currency = (
    <Field label={w.currency}>
      <input class="input" maxLength={3} placeholder={typed.kind === 'price_amount' ? 'CNY' : w.allCurrencies} value={typed.currency} onInput={(event) => put({ ...typed, currency: event.currentTarget.value.toUpperCase() })} name="currency" />
    </Field>
  );
  return (
    <div class="grid gap-3 sm:grid-cols-2">
      <Field label={w.what} class="sm:col-span-2">
        <select class="select" value={typed.kind} onChange={on('kind')} name="kind">
          {KINDS.map((kind) => <option key={kind} value={kind}>{w.kinds[kind]}</option>)}
        </select>
      </Field>
      {typed.kind === 'price_percent' && <><Field label={w.percent}><input class="input" inputMode="numeric" value={typed.percent} onInput={on('percent')} name="percent" /></Field>{currency}</>}
      {typed.kind === 'price_amount' && <><Field label={w.amount}><input class="input" inputMode="decimal" value={typed.amount} onInput={on('amount')} name="amount" /></Field>{currency}</>}
      {typed.kind === 'category' && <Field label={w.category} class="sm:col-span-2"><input class="input" pattern="[a-z0-9][a-z0-9_.\-]*" value={typed.category} onInput={on('category')} name="category" /></Field>}
      {typed.kind === 'stock' && (
        <>
          <Field label={w.change}><input class="input" inputMode="numeric" value={typed.change} onInput={on('change')} name="change" /></Field>
          <Field label={w.reason}>
            <select class="select" value={typed.reason} onChange={on('reason')} name="reason">
              {(['received', 'damaged', 'counted'] as const).map((each) => <option key={each} value={each}>{w.reasons[each]}</option>)}
            </select>
          </Field>
          <Field label={w.location} class="sm:col-span-2">
            <select class="select" value={typed.location} onChange={on('location')} name="location">
              <option value="">{w.anyLocation}</option>
              {places.data?.map((each) => <option key={each.id} value={each.id}>{told(each.name)}</option>)}
            </select>
          </Field>
        </>
      )}
    </div>
  );
}

function shownValue(line: BulkLine, value: string): string {
  return line.field === 'state' ? catalogueWords.value.states[value] ?? value : value;
}

function Lines({ found }: { found: BulkOut }) {
  const w = catalogueWords.value;
  if (found.lines.length === 0) return <p class="py-6 text-center text-sm text-quiet">{w.noLines}</p>;
  return (
    <>
      <p class="mt-4 text-sm font-semibold">{w.lines(found.lines.length)}</p>
      {found.problems > 0 && <p role="alert" class="mt-1 flex items-center gap-1.5 text-sm font-semibold text-error"><Icon name="alert" size={16} />{w.problems(found.problems)}</p>}
      <ul class="mt-2 divide-y divide-dashed divide-base-300" data-testid="bulk-lines">
        {found.lines.slice(0, 200).map((line, n) => (
          <li key={n} class="py-2 text-sm">
            <span class="flex flex-wrap items-baseline justify-between gap-x-3">
              <span class="min-w-0 truncate">{line.sku ?? told(line.title)} · {w.fields[line.field]}</span>
              <span class="whitespace-nowrap"><span class="text-quiet">{shownValue(line, line.before)}</span> → <strong>{shownValue(line, line.after)}</strong></span>
            </span>
            {line.problem && <span class="block text-xs font-semibold text-error">{told(line.problem)}</span>}
          </li>
        ))}
        {found.lines.length > 200 && <li class="py-2 text-sm text-quiet">{w.moreRows(found.lines.length - 200)}</li>}
      </ul>
    </>
  );
}

export function BulkSheet({ products, onClose, onDone }: {
  products: string[]; onClose: () => void; onDone: () => void;
}) {
  const w = catalogueWords.value;
  const [typed, type] = useState(BLANK);
  const [found, show] = useState<BulkOut | null>(null);
  const [busy, work] = useState(false);
  const edit = editOf(typed);
  const path = `/v1/merchants/${merchant()}/bulk-edits`;
  async function ask(seen: string | null): Promise<void> {
    work(true);
    const answer = await attempt(() => post<BulkOut>(path, { products, edit, seen }));
    work(false);
    if (answer?.applied) {
      say(w.done);
      onDone();
    } else show(answer ?? null);
  }
  return (
    <Sheet
      open title={`${w.bulk} · ${w.selected(products.length)}`} onClose={onClose} testid="bulk"
      footer={(
        <div class="flex gap-2">
          <button type="button" class="btn btn-quiet flex-1" disabled={!edit || busy} onClick={() => void ask(null)} data-testid="bulk-preview">{w.preview}</button>
          <button type="button" class="btn btn-primary flex-1" disabled={busy || !found || found.lines.length === 0 || found.problems > 0} onClick={() => void ask(found?.seen ?? null)} data-testid="bulk-apply">{w.apply}</button>
        </div>
      )}
    >
      <div class="p-4" data-testid="bulk-form">
        <Say
          typed={typed} put={(to) => {
            type(to);
            show(null);
          }}
        />
        {found && <Lines found={found} />}
      </div>
    </Sheet>
  );
}
