// Choosing pieces of an order's lines: a stepper for each, never more than there are.
import type { OrderLine, OrderOut } from '../api/wire';
import type { LineCount } from '../api/afterwards';
import { Icon } from '../parts/Icon';
import { Picture } from '../parts/Picture';
import { told } from '../words/lang';

export type Chosen = Record<string, number>;

export const waiting = (line: OrderLine) => line.count - line.shipped - line.cancelled;
export const returnable = (line: OrderLine) => line.shipped - line.returned;

export function chosenLines(chosen: Chosen): LineCount[] {
  return Object.entries(chosen).filter(([, count]) => count > 0).map(([line, count]) => ({ line, count }));
}

export function named(order: OrderOut, line: string): string {
  const found = order.lines.find((each) => each.id === line);
  if (!found) return line;
  const values = Object.values(found.snapshot.values).map(told).join(' · ');
  return values ? `${told(found.snapshot.title)} · ${values}` : told(found.snapshot.title);
}

export function Pieces({ lines, most, chosen, onChange, label }: {
  lines: OrderLine[]; most: (line: OrderLine) => number; chosen: Chosen; onChange: (to: Chosen) => void; label: string;
}) {
  return (
    <fieldset class="min-w-0">
      <legend class="field-label">{label}</legend>
      <ul class="flex flex-col gap-2">
        {lines.filter((line) => most(line) > 0).map((line) => {
          const count = chosen[line.id] ?? 0;
          const set = (to: number) => onChange({ ...chosen, [line.id]: Math.max(0, Math.min(most(line), to)) });
          const title = told(line.snapshot.title);
          return (
            <li key={line.id} class="flex min-w-0 items-center gap-3 rounded-xl border border-base-300 p-2" data-testid="piece" data-line={line.id}>
              <Picture src={line.snapshot.picture} alt="" class="size-11 shrink-0 overflow-hidden rounded-lg" />
              <span class="min-w-0 flex-1">
                <span class="line-clamp-2 text-sm leading-snug font-medium">{title}</span>
                <span class="block truncate text-xs text-quiet">{Object.values(line.snapshot.values).map(told).join(' · ')}</span>
              </span>
              <span class="flex shrink-0 items-center gap-1">
                <button type="button" class="btn btn-quiet btn-square" aria-label={`− ${title}`} disabled={count === 0} onClick={() => set(count - 1)}><Icon name="minus" size={16} /></button>
                <output class="w-9 text-center text-sm font-semibold tabular-nums">{count}/{most(line)}</output>
                <button type="button" class="btn btn-quiet btn-square" aria-label={`+ ${title}`} disabled={count === most(line)} data-testid="more-pieces" onClick={() => set(count + 1)}><Icon name="plus" size={16} /></button>
              </span>
            </li>
          );
        })}
      </ul>
    </fieldset>
  );
}
