// One session seen whole: booking → session → explains → orders → payments → declarations.
import { useEffect, useState } from 'preact/hooks';
import { idOf } from '../boot';
import { get } from '../api/http';
import type { ChainNode, ChainOut, ChainTotals, Fact, LiveOut, Money } from '../api/wire';
import { Graph, ICONS, look, stateWord } from '../chain/Graph';
import { Declaration } from '../parts/Declaration';
import { Frame } from '../parts/Frame';
import { Icon } from '../parts/Icon';
import { Id, StatePill, useAsked, Waiting } from '../parts/pieces';
import { Sheet } from '../parts/Sheet';
import { show } from '../parts/show';
import { money } from '../money';
import { clockSeconds, dayAndTime } from '../time';
import { told } from '../words/lang';
import { chainWords } from '../words/chain';

const live = idOf('live');
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;

function Value({ value }: { value: Fact['value'] }) {
  if (value === null) return <span class="text-quiet">–</span>;
  if (typeof value === 'object') return 'minor' in value ? <>{money(value)}</> : <span class="break-words">{told(value)}</span>;
  if (typeof value === 'string' && MOMENT.test(value)) return <>{dayAndTime(value)}</>;
  return <span class="break-words">{value}</span>;
}

function Details({ node, onClose }: { node: ChainNode; onClose: () => void }) {
  const w = chainWords.value;
  return (
    <Sheet open drawer title={w.kinds[node.kind]} onClose={onClose} testid="node-sheet">
      <div class="px-5 py-5">
        <div class="flex items-start gap-3">
          <span class="grid size-12 shrink-0 place-items-center rounded-2xl bg-calico text-indigo"><Icon name={ICONS[node.kind]} size={24} /></span>
          <div class="min-w-0">
            <p class="font-serif text-xl leading-snug font-semibold">{told(node.title)}</p>
            <p class="mt-1 flex flex-wrap items-center gap-2"><span class={`tag ${look(node.state)}`}>{stateWord(node.state)}</span>{node.at && <span class="text-sm text-quiet">{dayAndTime(node.at)} ({clockSeconds(node.at)})</span>}</p>
          </div>
        </div>
        <p class="mt-3"><Id id={node.id} /></p>
        <dl class="mt-4 divide-y divide-dashed divide-base-300">
          {node.facts.map((fact) => (
            <div key={fact.label.en} class="flex justify-between gap-4 py-2.5 text-sm">
              <dt class="text-quiet">{told(fact.label)}</dt>
              <dd class="text-right font-medium"><Value value={fact.value} /></dd>
            </div>
          ))}
        </dl>
        {node.kind === 'declaration' ? (
          <div class="rule mt-3 pt-4"><Declaration id={node.id} /></div>
        ) : node.href && <a class="btn btn-secondary mt-5 w-full" href={node.href} data-testid="node-link">{w.open}</a>}
      </div>
    </Sheet>
  );
}

function Sum({ label, amount }: { label: string; amount: Money }) {
  return (
    <div class="min-w-24">
      <dt class="text-xs text-quiet">{label}</dt>
      <dd class="font-serif text-xl font-semibold">{money(amount)}</dd>
    </div>
  );
}

function Totals({ totals }: { totals: ChainTotals }) {
  const w = chainWords.value;
  const states = Object.entries(totals.orders);
  const count = states.reduce((sum, [, each]) => sum + each, 0);
  return (
    <div class="mb-4" data-testid="totals">
      <div class="flex flex-wrap gap-3">
        <dl class="panel flex gap-6 px-4 py-3">
          <div data-testid="orders-by-state">
            <dt class="text-xs text-quiet">{w.kinds.order}</dt>
            <dd class="font-serif text-xl font-semibold">{count}</dd>
            {states.length > 0 && <dd class="text-xs text-quiet">{states.map(([state, each]) => `${stateWord(state)} ${each}`).join(' · ')}</dd>}
          </div>
          <div>
            <dt class="text-xs text-quiet">{w.kinds.declaration}</dt>
            <dd class="font-serif text-xl font-semibold">{totals.declared}</dd>
          </div>
        </dl>
        {totals.money.map((each) => (
          <dl key={each.paid.currency} class="panel flex flex-wrap gap-x-6 gap-y-2 px-4 py-3" data-testid={`money-${each.paid.currency}`}>
            <Sum label={w.ordered} amount={each.ordered} />
            <Sum label={w.paid} amount={each.paid} />
            <Sum label={w.net} amount={each.net} />
          </dl>
        ))}
      </div>
      {totals.orders['cancelled'] && <p class="mt-2 text-xs text-quiet">{w.withoutCancelled}</p>}
    </div>
  );
}

function Chain() {
  const w = chainWords.value;
  const asked = useAsked(() => get<ChainOut>(`/v1/live/${live}/chain`), []);
  const [session, put] = useState<LiveOut | null>(null);
  const [chosen, choose] = useState<ChainNode | null>(null);
  useEffect(() => {
    get<LiveOut>(`/v1/live/${live}`).then(put, () => undefined);
    const timer = setInterval(asked.again, 10_000);
    return () => clearInterval(timer);
  }, []);
  return (
    <Frame title={w.title} wide>
      <div class="mb-5 flex flex-wrap items-end justify-between gap-3">
        <div>
          <h1 class="font-serif text-3xl font-semibold">{w.title}{session && <span class="text-quiet"> · {told(session.title)}</span>}</h1>
          <p class="mt-1 text-sm text-quiet">{w.lead}</p>
        </div>
        <div class="flex items-center gap-2">
          {session && <StatePill state={session.state} />}
          <button type="button" class="btn btn-quiet" onClick={asked.again} data-testid="refresh"><Icon name="refresh" size={18} />{w.refresh}</button>
        </div>
      </div>
      <Waiting asked={asked}>
        {(chain) => (
          <>
            <Totals totals={chain.totals} />
            <Graph chain={chain} chosen={chosen?.id ?? null} onChoose={choose} />
            <p class="mt-3 text-xs text-quiet">{w.legendPath}</p>
          </>
        )}
      </Waiting>
      {chosen && <Details node={chosen} onClose={() => choose(null)} />}
    </Frame>
  );
}

show(Chain);
