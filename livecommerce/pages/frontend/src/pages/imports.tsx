// A sheet in: sent, looked at row by row, applied whole.
import { useState } from 'preact/hooks';
import { post, upload } from '../api/http';
import type { ImportOut, RowOut, RowState } from '../api/wire';
import { Icon } from '../parts/Icon';
import { show } from '../parts/show';
import { attempt, say } from '../parts/Toast';
import { merchant, ShopFrame } from '../shop/ShopFrame';
import { lang, told } from '../words/lang';
import { catalogueWords } from '../words/catalogue';

const LOOK: Record<RowState, string> = {
  created: 'bg-[#e3efe6] text-success',
  changed: 'bg-calico text-indigo',
  unchanged: 'bg-base-300 text-base-content',
  error: 'bg-[#fbe4de] text-error',
};
const STATES: RowState[] = ['error', 'created', 'changed', 'unchanged'];
const SHOWN = 200;

function Pick({ busy, onFile }: { busy: boolean; onFile: (file: File) => void }) {
  const w = catalogueWords.value;
  const [over, hover] = useState(false);
  const zh = lang.value === 'en' ? '' : '?zh=true';
  return (
    <div class="grid gap-4 lg:grid-cols-[1fr_22rem]">
      <div
        class={`panel flex flex-col items-center justify-center gap-3 border-2 border-dashed px-6 py-14 text-center ${over ? 'border-indigo bg-calico/50' : ''}`}
        onDragOver={(event) => {
          event.preventDefault();
          hover(true);
        }}
        onDragLeave={() => hover(false)}
        onDrop={(event) => {
          event.preventDefault();
          hover(false);
          const file = event.dataTransfer?.files[0];
          if (file) onFile(file);
        }}
      >
        <span class="grid size-14 place-items-center rounded-full bg-base-200 text-quiet"><Icon name="doc" size={26} /></span>
        <p class="text-sm text-quiet">{busy ? w.reading : w.dropSheet}</p>
        <label class={`btn btn-primary ${busy ? 'btn-disabled' : ''}`}>
          {busy && <span class="loading loading-spinner loading-sm" />}{w.choose}
          <input
            type="file" class="sr-only" accept=".csv,.xlsx,text/csv" disabled={busy} data-testid="sheet-file"
            onChange={(event) => {
              const file = event.currentTarget.files?.[0];
              if (file) onFile(file);
              event.currentTarget.value = '';
            }}
          />
        </label>
      </div>
      <aside class="panel p-5">
        <ul class="flex list-disc flex-col gap-2 pl-4 text-sm leading-relaxed">{w.rules.map((each) => <li key={each}>{each}</li>)}</ul>
        <a class="btn btn-quiet mt-4 w-full" href={`/v1/merchants/${merchant()}/products.xlsx${zh}`} download>{w.template}</a>
      </aside>
    </div>
  );
}

function Line({ row }: { row: RowOut }) {
  const w = catalogueWords.value;
  return (
    <tr class="border-t border-base-300 align-top" data-testid="import-row" data-state={row.state}>
      <td class="py-2.5 pr-2 pl-4 text-right text-quiet">{row.line}</td>
      <td class="px-2 py-2.5 font-medium whitespace-nowrap">{row.sku || '—'}</td>
      <td class="px-2 py-2"><span class={`tag ${LOOK[row.state]}`}>{w.rowStates[row.state]}</span></td>
      <td class="py-2.5 pr-4 pl-2">
        {row.errors.map((each, n) => <p key={n} class="font-medium text-error"><code class="mr-1.5 text-xs">{each.field}</code>{told(each.text)}</p>)}
        {row.changes.map((each) => (
          <p key={each.field} class="break-words">
            <code class="mr-1.5 text-xs text-quiet">{each.field}</code>
            <span class="text-quiet">{each.before || w.empty}</span> → <strong class="font-semibold">{each.after || w.empty}</strong>
          </p>
        ))}
        {row.notes.map((each, n) => <p key={n} class="text-xs text-quiet">{told(each.text)}</p>)}
      </td>
    </tr>
  );
}

function Report({ sheet, onApply, onAnother, busy }: {
  sheet: ImportOut; onApply: () => void; onAnother: () => void; busy: boolean;
}) {
  const w = catalogueWords.value;
  const [only, keep] = useState<RowState | null>(sheet.counts.error > 0 ? 'error' : null);
  const rows = sheet.rows.filter((row) => only === null || row.state === only);
  const does = sheet.counts.created + sheet.counts.changed;
  const applied = sheet.state === 'applied';
  return (
    <section class="panel overflow-hidden" aria-label={sheet.filename} data-testid="report" data-state={sheet.state}>
      <div class="flex flex-wrap items-center gap-3 border-b border-base-300 p-4">
        <span class="min-w-0 flex-1">
          <span class="block truncate font-semibold">{sheet.filename}</span>
          {applied && <span class="flex items-center gap-1.5 text-sm font-semibold text-success"><Icon name="check" size={18} />{w.applied}</span>}
          {!applied && sheet.counts.error > 0 && <span class="text-sm text-error">{w.hasErrors}</span>}
          {sheet.unknown_columns.length > 0 && <span class="block text-sm text-warning">{w.unknownColumns(sheet.unknown_columns.join(', '))}</span>}
        </span>
        <button type="button" class="btn btn-quiet" onClick={onAnother} data-testid="another">{w.another}</button>
        {!applied && <button type="button" class="btn btn-primary" disabled={busy || sheet.counts.error > 0 || does === 0} onClick={onApply} data-testid="apply">{w.applyImport}</button>}
      </div>
      <div class="flex flex-wrap gap-1.5 px-4 py-3" role="group" aria-label={w.onlyRows}>
        <button type="button" class={`tag min-h-9 ${only === null ? 'bg-indigo text-white' : 'bg-base-200'}`} aria-pressed={only === null} onClick={() => keep(null)}>{w.all} {sheet.rows.length}</button>
        {STATES.map((state) => (
          <button key={state} type="button" class={`tag min-h-9 ${only === state ? 'bg-indigo text-white' : LOOK[state]}`} aria-pressed={only === state} onClick={() => keep(state)} data-testid={`count-${state}`}>
            {w.rowStates[state]} {sheet.counts[state]}
          </button>
        ))}
      </div>
      <div class="overflow-x-auto" tabIndex={0} role="region" aria-label={w.result}>
        <table class="w-full min-w-[34rem] text-sm">
          <thead><tr class="text-left text-xs text-quiet"><th class="py-1.5 pr-2 pl-4 text-right font-semibold">{w.line}</th><th class="px-2 font-semibold">{w.sku}</th><th class="px-2 font-semibold">{w.result}</th><th class="pr-4 pl-2 font-semibold">{w.details}</th></tr></thead>
          <tbody>{rows.slice(0, SHOWN).map((row) => <Line key={row.line} row={row} />)}</tbody>
        </table>
      </div>
      {rows.length > SHOWN && <p class="p-4 text-sm text-quiet">{w.moreRows(rows.length - SHOWN)}</p>}
    </section>
  );
}

function Imports() {
  const w = catalogueWords.value;
  const [sheet, put] = useState<ImportOut | null>(null);
  const [busy, work] = useState(false);
  async function during(ask: () => Promise<ImportOut>): Promise<void> {
    work(true);
    const answer = await attempt(ask);
    work(false);
    if (answer) put(answer);
    if (answer?.state === 'applied') say(w.applied);
  }
  return (
    <ShopFrame here="imports" title={w.imports} lead={w.importLead}>
      {sheet === null ? (
        <Pick busy={busy} onFile={(file) => void during(() => upload<ImportOut>(`/v1/merchants/${merchant()}/imports`, file))} />
      ) : (
        <Report
          key={sheet.id + sheet.state} sheet={sheet} busy={busy} onAnother={() => put(null)}
          onApply={() => void during(() => post<ImportOut>(`/v1/imports/${sheet.id}/apply`))}
        />
      )}
    </ShopFrame>
  );
}

show(Imports);
