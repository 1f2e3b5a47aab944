// What was delivered to an endpoint, try by try, and how to send it again.
import { useEffect, useState } from 'preact/hooks';
import { Icon } from '../parts/Icon';
import { Empty, Field, Id, useAsked, Waiting } from '../parts/pieces';
import { Sheet } from '../parts/Sheet';
import { attempt, say } from '../parts/Toast';
import { centreDay, centreMoment, clockSeconds, dayAndTime } from '../time';
import { shared } from '../words/shared';
import { hookWords } from '../words/webhooks';
import { again, againRange, deliveries, delivery, type Attempt, type Delivery, type Endpoint } from './store';

const LOOK: Record<Delivery['state'], string> = {
  waiting: 'bg-[#f9ebcf] text-[#6d4300]', delivered: 'bg-[#e3efe6] text-success', failed: 'bg-[#fbe3dd] text-error',
};

function outcome(of: { status: number | null; error: string | null; ms: number | null }): string {
  const w = hookWords.value;
  if (of.ms === null) return '';
  const said = of.status !== null ? `HTTP ${of.status}` : (w.errors[of.error ?? ''] ?? of.error ?? '');
  return `${said} · ${of.ms} ${w.ms}`;
}

function Row({ row, open }: { row: Delivery; open: () => void }) {
  const w = hookWords.value;
  return (
    <li>
      <button type="button" class="flex min-h-13 w-full flex-wrap items-center gap-x-3 gap-y-1 rounded-xl px-3 py-2 text-left hover:bg-base-200" onClick={open} data-testid="delivery-row" data-state={row.state}>
        <span class={`tag ${LOOK[row.state]}`}>{w.states[row.state]}</span>
        <code class="text-sm font-semibold break-all">{row.type}</code>
        {row.replay && <span class="tag bg-calico text-indigo">{w.replayed}</span>}
        <span class="text-xs text-quiet">{outcome(row)}</span>
        <span class="ml-auto text-right text-xs whitespace-nowrap text-quiet">
          {dayAndTime(row.made_at)}{row.tries > 0 && ` · ${w.tries(row.tries)}`}{row.next_at && row.tries > 0 && ` · ${w.next(dayAndTime(row.next_at))}`}
        </span>
      </button>
    </li>
  );
}

function Try({ one }: { one: Attempt }) {
  const w = hookWords.value;
  return (
    <li class="rounded-xl border border-base-300 p-3 text-sm">
      <p class="flex flex-wrap justify-between gap-2"><span class="font-semibold">{outcome(one)}</span><span class="text-xs text-quiet">{dayAndTime(one.at)}:{clockSeconds(one.at).slice(-2)}</span></p>
      {one.status !== null && <><p class="mt-2 text-xs text-quiet">{w.answer}</p><pre class="max-h-40 overflow-auto text-xs break-all whitespace-pre-wrap" tabIndex={0}>{one.response || w.emptyAnswer}</pre></>}
    </li>
  );
}

function DetailSheet({ endpoint, id, onClose, onSent }: {
  endpoint: Endpoint; id: string; onClose: () => void; onSent: () => void;
}) {
  const w = hookWords.value;
  const asked = useAsked(() => delivery(endpoint.id, id), [id]);
  async function send(): Promise<void> {
    if (!(await attempt(() => again(endpoint.id, id)))) return;
    say(w.replaySent);
    onSent();
  }
  return (
    <Sheet
      open title={asked.data?.type ?? w.log} onClose={onClose} drawer testid="delivery-sheet"
      footer={<button type="button" class="btn btn-primary w-full" disabled={endpoint.state === 'off'} onClick={() => void send()} data-testid="delivery-replay"><Icon name="refresh" size={18} />{w.replay}</button>}
    >
      <Waiting asked={asked}>
        {(one) => (
          <div class="flex flex-col gap-4 px-5 py-5">
            <p class="flex flex-wrap items-center gap-2"><span class={`tag ${LOOK[one.state]}`}>{w.states[one.state]}</span><Id id={one.event} /></p>
            <div><p class="eyebrow mb-1">{w.body}</p><pre class="overflow-auto rounded-xl bg-base-200 p-3 text-xs" tabIndex={0} data-testid="delivery-body">{JSON.stringify(one.body, null, 2)}</pre></div>
            {one.attempts.length > 0 && <div><p class="eyebrow mb-1">{w.attempts}</p><ul class="flex flex-col gap-2">{one.attempts.map((each) => <Try key={each.number} one={each} />)}</ul></div>}
          </div>
        )}
      </Waiting>
    </Sheet>
  );
}

/** What an input of type datetime-local holds: the centre's wall clock. */
function wall(at: number): string {
  return `${centreDay(at)}T${new Date(at + 8 * 3_600_000).toISOString().slice(11, 16)}`;
}

function moment(text: string): string {
  const [day = '', time = '0:0'] = text.split('T');
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return centreMoment(day, hours * 60 + minutes).toISOString();
}

function RangeSheet({ endpoint, onClose, onSent }: { endpoint: Endpoint; onClose: () => void; onSent: () => void }) {
  const w = hookWords.value;
  const [from, since] = useState(wall(Date.now() - 86_400_000));
  const [to, until] = useState(wall(Date.now() + 60_000));
  async function send(): Promise<void> {
    const sent = await attempt(() => againRange(endpoint.id, moment(from), moment(to)));
    if (!sent) return;
    say(w.rangeSent(sent.deliveries));
    onSent();
  }
  return (
    <Sheet
      open title={w.range} onClose={onClose} testid="range-sheet"
      footer={<button type="button" class="btn btn-primary w-full" onClick={() => void send()} data-testid="range-send">{w.replay}</button>}
    >
      <div class="flex flex-col gap-4 px-5 py-5">
        <p class="text-sm leading-relaxed">{w.rangeLead}</p>
        <Field label={`${w.from} · ${shared.value.centreTime}`}><input type="datetime-local" class="input w-full" value={from} onInput={(event) => since(event.currentTarget.value)} /></Field>
        <Field label={`${w.to} · ${shared.value.centreTime}`}><input type="datetime-local" class="input w-full" value={to} onInput={(event) => until(event.currentTarget.value)} /></Field>
      </div>
    </Sheet>
  );
}

export function Log({ endpoint, round }: { endpoint: Endpoint; round: number }) {
  const w = hookWords.value;
  const [state, filter] = useState('');
  const [rows, put] = useState<Delivery[]>([]);
  const [opened, open] = useState<string | null>(null);
  const [ranging, range] = useState(false);
  const asked = useAsked(() => deliveries(endpoint.id, state), [endpoint.id, state, round]);
  const [more, rest] = useState<string | null>(null);
  useEffect(() => {
    put(asked.data?.items ?? []);
    rest(asked.data?.next_cursor ?? null);
  }, [asked.data]);
  useEffect(() => {
    const timer = setInterval(asked.again, 3000);
    return () => clearInterval(timer);
  }, [endpoint.id, state]);
  async function load(): Promise<void> {
    const page = await attempt(() => deliveries(endpoint.id, state, more ?? ''));
    if (!page) return;
    put([...rows, ...page.items]);
    rest(page.next_cursor);
  }
  const sent = () => { open(null); range(false); asked.again(); };
  return (
    <section class="panel mt-5 min-w-0 p-4" aria-label={w.log} data-testid="delivery-log">
      <div class="mb-2 flex flex-wrap items-center gap-2">
        <h2 class="mr-auto font-serif text-xl font-semibold">{w.log}</h2>
        <select class="select w-auto" aria-label={w.log} value={state} onChange={(event) => filter(event.currentTarget.value)}>
          <option value="">{w.all}</option>
          {Object.entries(w.states).map(([key, label]) => <option key={key} value={key}>{label}</option>)}
        </select>
        {endpoint.state === 'on' && <button type="button" class="btn btn-quiet" onClick={() => range(true)} data-testid="range-open"><Icon name="clock" size={18} />{w.range}</button>}
      </div>
      <Waiting asked={asked}>
        {() => (rows.length === 0 ? <Empty icon="send" text={w.logNone} /> : <ul>{rows.map((row) => <Row key={row.id} row={row} open={() => open(row.id)} />)}</ul>)}
      </Waiting>
      {more && <button type="button" class="btn btn-quiet mt-2 w-full" onClick={() => void load()}>{shared.value.more}</button>}
      {opened && <DetailSheet endpoint={endpoint} id={opened} onClose={() => open(null)} onSent={sent} />}
      {ranging && <RangeSheet endpoint={endpoint} onClose={() => range(false)} onSent={sent} />}
    </section>
  );
}
