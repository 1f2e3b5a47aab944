// Many parcels from one table: pasted or uploaded, tried out first, then shipped.
import { useEffect, useState } from 'preact/hooks';
import { get, newKey, post, Problem } from '../api/http';
import type { ManyOut, RowFate } from '../api/afterwards';
import type { CarrierOut } from '../api/wire';
import { Icon } from '../parts/Icon';
import { Field, useAsked } from '../parts/pieces';
import { Sheet } from '../parts/Sheet';
import { attempt } from '../parts/Toast';
import { deskWords } from '../words/desk';
import { told } from '../words/lang';
import { problemText } from '../words/problems';
import { chosen } from './store';

const LOOK: Record<RowFate, string> = {
  shipped: 'bg-[#e3efe6] text-success',
  would_ship: 'bg-[#e3efe6] text-success',
  shipped_before: 'bg-base-300 text-base-content',
  refused: 'bg-[#f9ebcf] text-[#6d4300]',
};

async function base64(file: File): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = '';
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}

function Report({ report }: { report: ManyOut }) {
  const w = deskWords.value;
  return (
    <div data-testid="bulk-report" data-shipped={report.shipped} data-dry={String(report.dry_run)}>
      <p class="mb-2 text-sm font-semibold" role="status">{(report.dry_run ? w.checked : w.done)(report.shipped, report.refused)}</p>
      <ul class="divide-y divide-base-300 rounded-xl border border-base-300">
        {report.rows.map((row) => (
          <li key={row.row} class="flex items-start gap-3 p-2.5 text-sm" data-testid="bulk-row" data-fate={row.fate}>
            <span class="w-14 shrink-0 text-quiet">{w.row(row.row)}</span>
            <span class="min-w-0 flex-1">
              <code class="block truncate text-xs">{row.order}</code>
              <span class="block text-xs break-words text-quiet">{row.carrier} · {row.tracking}{row.weight_g !== null && ` · ${(row.estimated ? w.about : w.grams)(row.weight_g)}`}</span>
              {row.problem && <span class="block text-error">{problemText(new Problem(422, row.problem, row.detail ?? '', { differences: row.differences }))}</span>}
            </span>
            <span class={`tag ${LOOK[row.fate]}`}>{w.fates[row.fate]}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

export function BulkSheet({ onClose, onShipped }: { onClose: () => void; onShipped: () => void }) {
  const w = deskWords.value;
  const [text, put] = useState('');
  const [file, choose] = useState<{ name: string; raw: string } | null>(null);
  const [report, tell] = useState<ManyOut | null>(null);
  const [busy, hold] = useState(false);
  const carriers = useAsked(() => get<CarrierOut[]>('/v1/carriers'), []);
  useEffect(() => tell(null), [text, file]);
  const picked = [...chosen.value];
  async function send(dry: boolean): Promise<void> {
    hold(true);
    const what = file ? { file: file.raw } : { text };
    const done = await attempt(() => post<ManyOut>('/v1/desk/shipments', { ...what, dry_run: dry }, newKey()));
    hold(false);
    if (!done) return;
    tell(done);
    if (!dry) onShipped();
  }
  const ready = report?.dry_run ? report.shipped : 0;
  const footer = (
    <div class="flex gap-2">
      <button type="button" class="btn btn-quiet flex-1" disabled={busy || (!text.trim() && !file)} data-testid="bulk-try" onClick={() => void send(true)}>{w.check}</button>
      <button type="button" class="btn btn-primary flex-1" disabled={busy || ready === 0} data-testid="bulk-ship" onClick={() => void send(false)}>{w.ship(ready)}</button>
    </div>
  );
  return (
    <Sheet open title={w.bulk} onClose={onClose} footer={footer} testid="bulk-sheet">
      <div class="flex flex-col gap-4 px-5 py-4">
        <p class="text-sm text-quiet">{w.bulkLead}</p>
        {carriers.data && <p class="text-xs text-quiet">{w.carriers}: {carriers.data.map((each) => told(each.label)).join(' · ')}</p>}
        {picked.length > 0 && <button type="button" class="btn btn-quiet" data-testid="bulk-prefill" onClick={() => put([w.example, ...picked.map((id) => `${id}\t${told(carriers.data?.[0]?.label)}\t\t`)].join('\n'))}>{w.prefill(picked.length)}</button>}
        <Field label={w.paste} hint={w.pasteHint}>
          <textarea class="textarea font-mono text-xs" rows={7} spellcheck={false} name="rows" placeholder={w.example} value={text} disabled={file !== null} data-testid="bulk-text" onInput={(event) => put(event.currentTarget.value)} />
        </Field>
        <div class="flex flex-wrap items-center gap-2">
          <label class="btn btn-quiet"><Icon name="doc" size={18} />{file?.name ?? w.upload}
            <input
              type="file" class="sr-only" accept=".csv,.txt,.xlsx" data-testid="bulk-file"
              onChange={(event) => {
                const one = event.currentTarget.files?.[0];
                if (one) void base64(one).then((raw) => choose({ name: one.name, raw }));
              }}
            />
          </label>
          {file && <button type="button" class="btn btn-ghost btn-square" aria-label={w.clear} onClick={() => choose(null)}><Icon name="close" size={18} /></button>}
        </div>
        {report && <Report report={report} />}
      </div>
    </Sheet>
  );
}
