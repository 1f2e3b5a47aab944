// A variant's journal: every movement with its reason, place and reference.
import { useState } from 'preact/hooks';
import { get } from '../api/http';
import type { LocationOut, Movement, VariantStock } from '../api/wire';
import { Empty, useAsked, Waiting } from '../parts/pieces';
import { Sheet } from '../parts/Sheet';
import { dayAndTime } from '../time';
import { told } from '../words/lang';
import { catalogueWords } from '../words/catalogue';

function signed(count: number): string {
  return count > 0 ? `+${count}` : String(count);
}

export function JournalSheet({ row, places, onClose }: {
  row: VariantStock; places: LocationOut[]; onClose: () => void;
}) {
  const w = catalogueWords.value;
  const [goods, only] = useState(true);
  const path = `/v1/variants/${row.variant}/journal?goods=${goods}&limit=100`;
  const asked = useAsked(() => get<Movement[]>(path), [path]);
  const placed = (id: string | null) => told(places.find((each) => each.id === id)?.name);
  return (
    <Sheet open drawer title={w.journalTitle(row.sku)} onClose={onClose} testid="journal-sheet">
      <label class="flex min-h-12 items-center gap-2.5 px-4 text-sm">
        <input type="checkbox" class="checkbox" checked={goods} onChange={(event) => only(event.currentTarget.checked)} />{w.goodsOnly}
      </label>
      <Waiting asked={asked}>
        {(moves) => (moves.length === 0 ? <Empty icon="list" text={w.noJournal} /> : (
          <ul class="divide-y divide-dashed divide-base-300 px-4 pb-4">
            {moves.map((move) => (
              <li key={move.id} class="flex items-baseline gap-3 py-2.5 text-sm" data-testid="movement" data-reason={move.reason}>
                <span class="min-w-0 flex-1">
                  <span class="font-semibold">{w.reasons[move.reason]}</span>
                  {move.location && <span class="text-quiet"> · {placed(move.location)}</span>}
                  <span class="block text-xs text-quiet">{dayAndTime(move.at)}</span>
                  <span class="block truncate text-xs text-quiet">{move.reference}</span>
                </span>
                <span class="text-right whitespace-nowrap">
                  {move.on_hand !== 0 && <span class={`block font-semibold ${move.on_hand > 0 ? 'text-success' : 'text-error'}`}>{signed(move.on_hand)}</span>}
                  {move.held !== 0 && <span class="block text-xs text-quiet">{w.held} {signed(move.held)}</span>}
                </span>
              </li>
            ))}
          </ul>
        ))}
      </Waiting>
    </Sheet>
  );
}
