// Where merchants keep the addresses of their own systems, and see what was delivered to them.
import { useState } from 'preact/hooks';
import { isAdmin, loadMe, me } from '../api/me';
import { Frame } from '../parts/Frame';
import { Icon } from '../parts/Icon';
import { SignInFirst } from '../parts/Barred';
import { Empty, Field, useAsked, Waiting } from '../parts/pieces';
import { Sheet } from '../parts/Sheet';
import { show } from '../parts/show';
import { attempt, say } from '../parts/Toast';
import { dayAndTime } from '../time';
import { told } from '../words/lang';
import { hookWords } from '../words/webhooks';
import { Form } from '../webhooks/Form';
import { Log } from '../webhooks/Log';
import { RotateSheet, SecretSheet } from '../webhooks/Secret';
import { change, drop, endpoints, make, test, types, type Endpoint, type EventType } from '../webhooks/store';

type Opened = 'form' | 'rotate' | 'remove' | null;

function State({ endpoint }: { endpoint: Endpoint }) {
  const w = hookWords.value;
  if (endpoint.state === 'off') return <span class="tag bg-base-300" data-testid="endpoint-state">{w.off}</span>;
  if (endpoint.failing_since) return <span class="tag bg-[#f9ebcf] text-[#6d4300]" data-testid="endpoint-state">{w.failing}</span>;
  return <span class="tag bg-[#e3efe6] text-success" data-testid="endpoint-state">{w.on}</span>;
}

function Card({ endpoint, chosen, choose, act, open }: {
  endpoint: Endpoint; chosen: boolean; choose: () => void;
  act: (work: () => Promise<unknown>, then?: string) => void; open: (what: Opened) => void;
}) {
  const w = hookWords.value;
  const on = endpoint.state === 'on';
  return (
    <li class={`panel min-w-0 p-4 ${chosen ? 'outline-2 outline-indigo' : ''}`} data-testid="endpoint">
      <button type="button" class="block w-full text-left" aria-pressed={chosen} onClick={choose} data-testid="endpoint-open">
        <span class="flex flex-wrap items-center gap-2"><State endpoint={endpoint} />{endpoint.note && <span class="font-semibold">{endpoint.note}</span>}{endpoint.waiting > 0 && <span class="text-xs text-quiet">{w.waiting(endpoint.waiting)}</span>}</span>
        <code class="mt-1.5 block text-sm break-all">{endpoint.url}</code>
        <span class="mt-2 flex flex-wrap gap-1.5">{endpoint.events.map((name) => <span key={name} class="rounded-md bg-base-200 px-2 py-0.5 font-mono text-xs">{name}</span>)}</span>
      </button>
      {endpoint.off_because && <p class="mt-2 text-sm text-quiet">{w.because[endpoint.off_because]}</p>}
      {on && endpoint.failing_since && <p class="mt-2 text-sm text-quiet">{w.since(dayAndTime(endpoint.failing_since))}</p>}
      <div class="mt-3 flex flex-wrap gap-1.5">
        {on && <button type="button" class="btn btn-secondary px-3" onClick={() => act(() => test(endpoint.id), w.tested)} data-testid="endpoint-test"><Icon name="send" size={18} />{w.test}</button>}
        <button type="button" class="btn btn-quiet px-3" onClick={() => open('form')} data-testid="endpoint-edit">{w.change}</button>
        <button type="button" class="btn btn-quiet px-3" onClick={() => open('rotate')} data-testid="endpoint-rotate"><Icon name="key" size={18} />{w.rotate}</button>
        <button type="button" class="btn btn-quiet px-3" onClick={() => act(() => change(endpoint.id, { on: !on }))} data-testid="endpoint-switch">{on ? w.switchOff : w.switchOn}</button>
        <button type="button" class="btn btn-quiet btn-square" aria-label={`${w.remove}: ${endpoint.url}`} title={w.remove} onClick={() => open('remove')}><Icon name="trash" size={18} /></button>
      </div>
    </li>
  );
}

function Keeping({ merchant }: { merchant: string | null }) {
  const w = hookWords.value;
  const asked = useAsked(() => Promise.all([endpoints(merchant), types()]), [merchant]);
  const [chosen, choose] = useState<string | null>(null);
  const [opened, open] = useState<Opened>(null);
  const [secret, tell] = useState<string | null>(null);
  const [round, next] = useState(0);
  const rows = asked.data?.[0] ?? [];
  const picked = rows.find((row) => row.id === chosen) ?? rows[0] ?? null;
  const [making, begin] = useState(false);
  const fresh = () => { open(null); begin(false); asked.again(); next((n) => n + 1); };
  async function act(work: () => Promise<unknown>, then?: string): Promise<void> {
    const done = await attempt(async () => { await work(); return true; });
    if (!done) return;
    if (then) say(then);
    fresh();
  }
  function forms(catalogue: EventType[]) {
    return (
      <>
        {making && <Form types={catalogue} old={null} onClose={() => begin(false)} save={async (wish) => { const made = await make(merchant, wish); choose(made.id); tell(made.secret); fresh(); }} />}
        {picked && opened === 'form' && <Form types={catalogue} old={picked} onClose={() => open(null)} save={async (wish) => { await change(picked.id, wish); fresh(); }} />}
        {picked && opened === 'rotate' && <RotateSheet endpoint={picked} onClose={() => open(null)} onSecret={(made) => { tell(made); fresh(); }} />}
        {picked && opened === 'remove' && (
          <Sheet open title={w.remove} onClose={() => open(null)} footer={<button type="button" class="btn btn-error w-full" onClick={() => void act(() => drop(picked.id))}>{w.remove}</button>}>
            <p class="px-5 py-5 text-sm leading-relaxed">{w.removeSure}<br /><code class="break-all">{picked.url}</code></p>
          </Sheet>
        )}
        {secret && <SecretSheet secret={secret} onClose={() => tell(null)} />}
      </>
    );
  }
  return (
    <Waiting asked={asked}>
      {([found, catalogue]) => (
        <>
          <div class="mb-4 flex flex-wrap gap-2">
            <button type="button" class="btn btn-primary" onClick={() => begin(true)} data-testid="endpoint-add"><Icon name="plus" size={18} />{w.add}</button>
            <a class="btn btn-quiet" href="/asyncapi.json"><Icon name="doc" size={18} />{w.schema}</a>
          </div>
          {found.length === 0 && <div class="panel"><Empty icon="link" text={w.none} /></div>}
          <ul class="grid grid-cols-[minmax(0,1fr)] gap-4 lg:grid-cols-2">
            {found.map((row) => (
              <Card key={row.id} endpoint={row} chosen={row.id === picked?.id && found.length > 1} choose={() => choose(row.id)} act={(work, then) => { choose(row.id); void act(work, then); }} open={(what) => { choose(row.id); open(what); }} />
            ))}
          </ul>
          {picked && <Log key={picked.id} endpoint={picked} round={round} />}
          {forms(catalogue)}
        </>
      )}
    </Waiting>
  );
}

function Webhooks() {
  const w = hookWords.value;
  const asked = useAsked(async () => ({ who: await loadMe() }), []);
  const own = (me.value?.memberships ?? []).filter((each) => each.roles.includes('owner'));
  const sides: [string, string][] = [...own.map((each): [string, string] => [each.merchant, told(each.name)]), ...(isAdmin.value ? [['', w.centre] as [string, string]] : [])];
  const wanted = new URLSearchParams(location.search).get('merchant') ?? sides[0]?.[0] ?? '';
  const [side, pick] = useState(wanted);
  const here = sides.some(([id]) => id === side) ? side : (sides[0]?.[0] ?? '');
  return (
    <Frame title={w.title}>
      <h1 class="font-serif text-3xl font-semibold">{w.title}</h1>
      <p class="mt-1 mb-5 max-w-2xl text-sm leading-relaxed text-quiet">{w.lead}</p>
      <Waiting asked={asked}>
        {({ who }) => (who?.kind !== 'person' ? <SignInFirst /> : (
          <>
            {sides.length > 1 && (
              <Field label={w.whose} class="mb-4 max-w-xs">
                <select class="select w-full" value={here} onChange={(event) => pick(event.currentTarget.value)}>
                  {sides.map(([id, label]) => <option key={id} value={id}>{label}</option>)}
                </select>
              </Field>
            )}
            <Keeping key={here} merchant={here || null} />
          </>
        ))}
      </Waiting>
    </Frame>
  );
}

show(Webhooks);
