// What must hold before air, and where the encoder sends its picture.
import type { ComponentChildren } from 'preact';
import { Icon } from '../parts/Icon';
import { CopyButton } from '../parts/pieces';
import { attempt } from '../parts/Toast';
import { dayAndTime, clockTime } from '../time';
import { told } from '../words/lang';
import { consoleWords } from '../words/console';
import { cards, onAir, over } from '../room/store';
import { busy, ingest, issued, issueKey, lights } from './store';

/** A reason is a code, or the products it is about. */
function reason(text: string): string {
  const known = consoleWords.value.reasons[text];
  if (known) return known;
  const named = text.split(',').map((id) => told(cards.value.find((card) => card.product === id)?.title) || id);
  return named.join(' · ');
}

/** Open while one prepares; once on air it makes room for the chat. */
function Fold({ title, tag, testid, children }: {
  title: string; tag: ComponentChildren; testid: string; children: ComponentChildren;
}) {
  return (
    <details class="panel group p-4" open={!onAir.value} data-testid={testid}>
      <summary class="flex min-h-8 list-none items-center gap-2">
        <h2 class="flex-1 font-serif text-lg font-semibold">{title}</h2>
        {tag}
        <Icon name="down" size={16} class="text-quiet transition-transform group-open:rotate-180" />
      </summary>
      {children}
    </details>
  );
}

export function Checklist() {
  const w = consoleWords.value;
  const missing = lights.value.filter((light) => !light.ok).length;
  return (
    <Fold
      title={w.checklist} testid="checklist"
      tag={<span class={`tag ${missing ? 'bg-[#f9ebcf] text-[#6d4300]' : 'bg-[#e3efe6] text-success'}`}>{missing ? w.notOk(missing) : w.allOk}</span>}
    >
      <ul class="mt-2.5 grid gap-x-4 gap-y-1">
        {lights.value.map((light) => (
          <li key={light.key} class="flex items-start gap-2 py-0.5 text-sm" data-testid={`light-${light.key}`} data-ok={light.ok}>
            <span class={`mt-0.5 grid size-5 shrink-0 place-items-center rounded-full ${light.ok ? 'bg-[#e3efe6] text-success' : 'bg-[#fbe3dd] text-error'}`}>
              <Icon name={light.ok ? 'check' : 'close'} size={13} />
            </span>
            <span>{told(light.label)}{!light.ok && light.reason && <span class="block text-xs text-quiet">{reason(light.reason)}</span>}</span>
          </li>
        ))}
      </ul>
    </Fold>
  );
}

function Secret({ label, text, testid }: { label: string; text: string; testid: string }) {
  return (
    <div class="mt-2.5">
      <p class="eyebrow">{label}</p>
      <div class="mt-1 flex items-center gap-2">
        <code class="min-h-11 min-w-0 flex-1 rounded-xl border border-base-300 bg-base-200 px-3 py-2.5 text-sm break-all" data-testid={testid}>{text}</code>
        <CopyButton text={text} label={label} />
      </div>
    </div>
  );
}

export function Ingest() {
  const w = consoleWords.value;
  const at = ingest.value;
  if (!at) return null;
  const key = issued.value?.key ?? at.key;
  const good = at.state === 'live';
  return (
    <Fold
      title={w.ingest} testid="ingest"
      tag={(
        <span class={`tag ${good ? 'bg-[#e3efe6] text-success' : 'bg-base-200 text-quiet'}`} data-testid="signal" data-state={at.state}>
          <span class={`size-2 rounded-full ${good ? 'breathe bg-success' : 'bg-quiet'}`} />{w.signal[at.state] ?? at.state}
        </span>
      )}
    >
      <p class="mt-1 text-sm leading-relaxed text-quiet">{w.ingestHint}</p>
      <Secret label={w.server} text={at.server} testid="ingest-server" />
      {key && <Secret label={w.key} text={key} testid="ingest-key" />}
      {key && <p class="mt-1.5 flex items-center gap-1.5 text-xs font-medium text-[#6d4300]"><Icon name="alert" size={15} />{w.keyOnce}</p>}
      {at.valid_from && at.valid_to && <p class="mt-1.5 text-xs text-quiet">{w.valid(dayAndTime(at.valid_from), clockTime(at.valid_to))}</p>}
      {!over.value && (
        <button type="button" class="btn btn-quiet mt-3" disabled={busy.value !== ''} onClick={() => void attempt(issueKey)} data-testid="issue-key">
          <Icon name="key" size={18} />{at.valid_from ? w.reissue : w.issue}
        </button>
      )}
    </Fold>
  );
}
