// What an endpoint is made of: its address, a note, and the events it hears.
import { useState } from 'preact/hooks';
import { Field } from '../parts/pieces';
import { Sheet } from '../parts/Sheet';
import { attempt, say } from '../parts/Toast';
import { hookWords } from '../words/webhooks';
import { shared } from '../words/shared';
import type { Endpoint, EventType, Wish } from './store';

function Topic({ topic, types, chosen, choose }: {
  topic: string; types: EventType[]; chosen: Set<string>; choose: (name: string, on: boolean) => void;
}) {
  const w = hookWords.value;
  const whole = chosen.has(`${topic}.*`);
  return (
    <fieldset class="rounded-xl border border-base-300 p-3">
      <legend class="sr-only">{w.topics[topic] ?? topic}</legend>
      <label class="flex min-h-11 items-center gap-3 text-sm font-semibold">
        <input type="checkbox" class="checkbox checkbox-sm rounded" checked={whole} onChange={(event) => choose(`${topic}.*`, event.currentTarget.checked)} data-testid={`topic-${topic}`} />
        {w.topics[topic] ?? topic}
        <code class="text-xs font-normal text-quiet">{topic}.*</code>
      </label>
      {!whole && (
        <ul class="mt-1 grid gap-x-4 sm:grid-cols-2">
          {types.map((each) => (
            <li key={each.type}>
              <label class="flex min-h-9 items-center gap-3 text-sm" title={each.says}>
                <input type="checkbox" class="checkbox checkbox-xs rounded" checked={chosen.has(each.type)} onChange={(event) => choose(each.type, event.currentTarget.checked)} />
                <code class="text-xs">{each.type.slice(topic.length + 1)}</code>
              </label>
            </li>
          ))}
        </ul>
      )}
    </fieldset>
  );
}

export function Form({ types, old, onClose, save }: {
  types: EventType[]; old: Endpoint | null; onClose: () => void; save: (wish: Wish) => Promise<void>;
}) {
  const w = hookWords.value;
  const [wish, put] = useState<Wish>({ url: old?.url ?? 'https://', note: old?.note ?? '', events: old?.events ?? ['orders.*'] });
  const [busy, hold] = useState(false);
  const told = types.filter((each) => each.topic !== 'webhooks');
  const topics = [...new Set(told.map((each) => each.topic))];
  const chosen = new Set(wish.events);
  function choose(name: string, on: boolean): void {
    const next = new Set(chosen);
    if (on) next.add(name);
    else next.delete(name);
    if (on && name.endsWith('.*')) for (const each of told) if (`${each.topic}.*` === name) next.delete(each.type);
    put({ ...wish, events: [...next] });
  }
  async function submit(): Promise<void> {
    if (wish.events.length === 0) return say(w.pickSome, true);
    hold(true);
    await attempt(() => save(wish));
    hold(false);
  }
  return (
    <Sheet
      open title={old ? w.edit : w.add} onClose={onClose} drawer testid="endpoint-form"
      footer={<button type="submit" form="endpoint" class="btn btn-primary w-full" disabled={busy} data-testid="endpoint-save">{shared.value.save}</button>}
    >
      <form id="endpoint" class="flex flex-col gap-4 px-5 py-5" onSubmit={(event) => { event.preventDefault(); void submit(); }}>
        <Field label={w.url} hint={w.urlHint}>
          <input type="url" class="input w-full" required maxLength={2000} value={wish.url} onInput={(event) => put({ ...wish, url: event.currentTarget.value })} data-testid="endpoint-url" />
        </Field>
        <Field label={w.note} hint={w.noteHint}>
          <input class="input w-full" maxLength={200} value={wish.note} onInput={(event) => put({ ...wish, note: event.currentTarget.value })} />
        </Field>
        <p class="field-label mb-0">{w.events}</p>
        {topics.map((topic) => (
          <Topic key={topic} topic={topic} types={told.filter((each) => each.topic === topic)} chosen={chosen} choose={choose} />
        ))}
      </form>
    </Sheet>
  );
}
