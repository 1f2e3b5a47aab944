// What has been sold: since the session began, and in the last ten minutes against the ten before.
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { get } from '../api/http';
import type { SalesOut, SalesSpan } from '../api/sales';
import { Icon } from '../parts/Icon';
import { money } from '../money';
import { onAir, room } from '../room/store';
import { salesWords } from '../words/sales';

const EVERY = { onAir: 2000, quiet: 15_000 };
const sales = signal<SalesOut | null>(null);

async function count(live: string): Promise<void> {
  const found = await get<SalesOut>(`/v1/live/${live}/sales`).catch(() => null);
  if (found) sales.value = found;
}

/** Asked for every other second while on air; a lost answer leaves the last figures. */
function useSales(live: string | undefined): SalesOut | null {
  const pause = onAir.value ? EVERY.onAir : EVERY.quiet;
  useEffect(() => {
    if (!live) return undefined;
    void count(live);
    const timer = setInterval(() => void count(live), pause);
    return () => clearInterval(timer);
  }, [live, pause]);
  return sales.value;
}

function revenue(span: SalesSpan): string {
  return span.revenue.filter((each) => each.minor !== 0).map(money).join(' + ') || salesWords.value.none;
}

function earned(span: SalesSpan): number {
  return span.revenue.reduce((total, each) => total + each.minor, 0);
}

function Trend({ now, before }: { now: number; before: number }) {
  if (now === before) return null;
  const up = now > before;
  return <Icon name={up ? 'up' : 'down'} size={13} class={`ml-0.5 inline-block align-[-2px] ${up ? 'text-success' : 'text-error'}`} />;
}

function Tile({ label, value, note, last, now, before, hint, testid, class: extra = '' }: {
  label: string; value: string; note: string; last?: string; now?: number; before?: number; hint?: string;
  testid: string; class?: string;
}) {
  return (
    <div class={`min-w-0 px-3 ${extra}`} data-testid={testid}>
      <dt class="truncate text-xs text-quiet">{label}</dt>
      <dd class="leading-tight">
        <span class="block truncate text-lg font-semibold tabular-nums" data-testid={`${testid}-value`}>{value}</span>
        <span class="flex flex-wrap items-center gap-x-2 text-xs text-quiet">
          {last && (
            <span>
              {last}<Trend now={now ?? 0} before={before ?? 0} />
              <span class="max-sm:sr-only"> · {hint}</span>
            </span>
          )}
          {note && <span class="max-sm:hidden">{note}</span>}
        </span>
      </dd>
    </div>
  );
}

export function Sales() {
  const w = salesWords.value;
  const found = useSales(room.value?.live.id);
  if (!found) return null;
  const { whole, last, before, minutes } = found;
  return (
    <section aria-label={w.title} class="border-b border-base-300 bg-base-100 py-1.5" data-testid="sales">
      <dl class="grid grid-cols-3 divide-x divide-base-300 sm:grid-cols-4">
        <Tile
          testid="sales-revenue" label={w.revenue} value={revenue(whole)} note=""
          last={w.last(minutes, revenue(last))} now={earned(last)} before={earned(before)} hint={w.compared(minutes, revenue(before))}
        />
        <Tile
          testid="sales-orders" label={w.orders} value={String(whole.paid)} note={w.placed(whole.placed)}
          last={w.last(minutes, String(last.paid))} now={last.paid} before={before.paid} hint={w.compared(minutes, String(before.paid))}
        />
        <Tile
          testid="sales-pieces" label={w.pieces} value={String(whole.pieces)} note=""
          last={w.last(minutes, String(last.pieces))} now={last.pieces} before={before.pieces} hint={w.compared(minutes, String(before.pieces))}
        />
        <Tile testid="sales-held" label={w.held} value={String(found.held)} note={w.claimed(whole.claimed)} class="max-sm:hidden" />
      </dl>
    </section>
  );
}
