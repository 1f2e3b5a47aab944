// Where each link is drawn: a column for each kind, children beside their parents.
import type { ChainNode, ChainOut, NodeKind } from '../api/wire';

export const COLUMNS: NodeKind[][] = [
  ['booking'], ['session'], ['explain', 'replay'], ['order'], ['payment'], ['declaration'],
];

export const WIDTH = 184;
export const HEIGHT = 82;
const GAP_X = 46;
const GAP_Y = 16;
export const HEAD = 44;

export interface Placed { node: ChainNode; x: number; y: number }
export interface Drawing { placed: Map<string, Placed>; width: number; height: number; columns: number[] }

/** Short columns stand in the middle, unless the drawing is too tall to be seen at once. */
export function draw(chain: ChainOut, centred: boolean): Drawing {
  const parents = new Map<string, string[]>();
  for (const [from, to] of chain.edges) parents.set(to, [...(parents.get(to) ?? []), from]);
  const placed = new Map<string, Placed>();
  const stacks = COLUMNS.map((kinds) => chain.nodes.filter((node) => kinds.includes(node.kind)));
  const tallest = Math.max(1, ...stacks.map((stack) => stack.length));
  const height = HEAD + tallest * (HEIGHT + GAP_Y) + GAP_Y;
  const columns: number[] = [];

  stacks.forEach((stack, column) => {
    const x = GAP_Y + column * (WIDTH + GAP_X);
    columns.push(x);
    // Ordered by where their parents stand, so that few lines cross.
    const rank = (node: ChainNode) => {
      const from = (parents.get(node.id) ?? []).flatMap((id) => placed.get(id)?.y ?? []);
      return from.length > 0 ? from.reduce((sum, y) => sum + y, 0) / from.length : 0;
    };
    const order = (node: ChainNode) => (node.kind === 'replay' ? 1 : 0);
    const sorted = stack
      .map((node, index) => ({ node, index, rank: rank(node) }))
      .sort((a, b) => order(a.node) - order(b.node) || a.rank - b.rank || a.index - b.index);
    const whole = sorted.length * (HEIGHT + GAP_Y) - GAP_Y;
    const middle = centred && tallest < 9 ? (height - HEAD - whole) / 2 : GAP_Y;
    let y = HEAD + Math.max(GAP_Y, middle);
    for (const { node } of sorted) {
      placed.set(node.id, { node, x, y });
      y += HEIGHT + GAP_Y;
    }
  });
  return { placed, height, columns, width: GAP_Y * 2 + COLUMNS.length * (WIDTH + GAP_X) - GAP_X };
}

/** Everything a link came from and everything that came of it. */
export function related(chain: ChainOut, id: string): Set<string> {
  const found = new Set([id]);
  for (const [here, there] of [[0, 1], [1, 0]] as const) {
    const queue = [id];
    while (queue.length > 0) {
      const at = queue.pop();
      for (const edge of chain.edges) {
        if (edge[here] === at && !(found.has(edge[there]) && edge[there] !== id)) {
          found.add(edge[there]);
          queue.push(edge[there]);
        }
      }
    }
  }
  return found;
}
