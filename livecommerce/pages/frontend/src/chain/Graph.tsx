// The chain drawn: buttons for links, curves for what came of what.
import type { ChainNode, ChainOut, NodeKind } from '../api/wire';
import { Icon, type IconName } from '../parts/Icon';
import { useWide } from '../parts/pieces';
import { clockTime } from '../time';
import { told } from '../words/lang';
import { chainWords } from '../words/chain';
import { COLUMNS, draw, HEAD, HEIGHT, related, WIDTH, type Placed } from './layout';

export const ICONS: Record<NodeKind, IconName> = {
  booking: 'calendar', session: 'camera', explain: 'mic', order: 'bag', payment: 'card', declaration: 'stamp', replay: 'film',
};

const GOOD = new Set(['confirmed', 'checked_in', 'done', 'live', 'explained', 'paid', 'partly_shipped', 'shipped', 'delivered', 'captured', 'released', 'ready', 'accepted', 'archived', 'closed']);
const BAD = new Set(['failed', 'rejected', 'cancelled', 'interrupted', 'no_show', 'expired', 'refused', 'suspended']);

export function look(state: string): string {
  if (BAD.has(state)) return 'bg-[#fbe3dd] text-error';
  return GOOD.has(state) ? 'bg-[#e3efe6] text-success' : 'bg-[#f9ebcf] text-[#6d4300]';
}

export function stateWord(state: string): string {
  return chainWords.value.states[state] ?? state;
}

function curve(from: Placed, to: Placed): string {
  const [x1, y1, x2, y2] = [from.x + WIDTH, from.y + HEIGHT / 2, to.x, to.y + HEIGHT / 2];
  const bend = Math.max(28, (x2 - x1) / 2);
  return `M${x1} ${y1} C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
}

function Link({ at, lit, chosen, onChoose }: {
  at: Placed; lit: boolean; chosen: boolean; onChoose: (node: ChainNode) => void;
}) {
  const { node, x, y } = at;
  return (
    <button
      type="button" onClick={() => onChoose(node)} aria-pressed={chosen} data-testid={`node-${node.kind}`} data-id={node.id} data-state={node.state}
      style={{ left: `${x}px`, top: `${y}px`, width: `${WIDTH}px`, height: `${HEIGHT}px` }}
      class={`absolute flex flex-col justify-between rounded-xl border bg-base-100 p-2.5 text-left transition-shadow hover:shadow-lift ${chosen ? 'border-indigo ring-2 ring-indigo' : 'border-base-300 shadow-soft'} ${lit ? '' : 'opacity-45'}`}
    >
      <span class="flex items-center gap-2">
        <span class="grid size-7 shrink-0 place-items-center rounded-lg bg-calico text-indigo"><Icon name={ICONS[node.kind]} size={16} /></span>
        <span class="min-w-0 truncate text-[13px] font-semibold">{told(node.title)}</span>
      </span>
      <span class="flex items-center justify-between gap-1">
        <span class={`tag ${look(node.state)}`}>{stateWord(node.state)}</span>
        {node.at && <span class="text-xs text-quiet">{clockTime(node.at)}</span>}
      </span>
    </button>
  );
}

export function Graph({ chain, chosen, onChoose }: {
  chain: ChainOut; chosen: string | null; onChoose: (node: ChainNode) => void;
}) {
  const w = chainWords.value;
  const { placed, width, height, columns } = draw(chain, useWide());
  const lit = chosen ? related(chain, chosen) : null;
  return (
    <div class="panel thin-bar overflow-x-auto" tabIndex={0} role="region" aria-label={w.title} data-testid="chain-graph">
      <div class="relative mx-auto" style={{ width: `${width}px`, height: `${height}px` }}>
        {columns.map((x, index) => {
          const kinds = COLUMNS[index] ?? [];
          const count = chain.nodes.filter((node) => kinds.includes(node.kind)).length;
          return (
            <p key={x} class="absolute top-3 flex items-center gap-1.5 text-xs font-bold text-accent" style={{ left: `${x}px`, width: `${WIDTH}px` }}>
              {w.kinds[kinds[0] ?? 'booking']}<span class="rounded-full bg-base-200 px-1.5 text-quiet">{count}</span>
            </p>
          );
        })}
        <svg width={width} height={height} class="absolute inset-0" aria-hidden="true" fill="none">
          <path d={`M0 ${HEAD - 6}H${width}`} stroke="#e6dccd" stroke-dasharray="4 4" />
          {chain.edges.map(([from, to]) => {
            const [start, end] = [placed.get(from), placed.get(to)];
            if (!start || !end) return null;
            const on = lit ? lit.has(from) && lit.has(to) : false;
            return <path key={`${from}-${to}`} d={curve(start, end)} stroke={on ? '#24476b' : '#cdbfa9'} stroke-width={on ? 2.5 : 1.5} opacity={lit && !on ? 0.4 : 1} />;
          })}
        </svg>
        {[...placed.values()].map((at) => (
          <Link key={at.node.id} at={at} lit={!lit || lit.has(at.node.id)} chosen={chosen === at.node.id} onChoose={onChoose} />
        ))}
        {COLUMNS.map((kinds, index) => !chain.nodes.some((node) => kinds.includes(node.kind)) && (
          <p key={index} class="absolute grid place-items-center rounded-xl border border-dashed border-[#cdbfa9] px-3 text-center text-xs text-quiet" style={{ left: `${columns[index] ?? 0}px`, top: `${HEAD + 16}px`, width: `${WIDTH}px`, height: `${HEIGHT}px` }}>{w.empty}</p>
        ))}
      </div>
    </div>
  );
}
