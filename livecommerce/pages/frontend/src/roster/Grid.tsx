// A day of the centre: resources down, hours across. A table to those who listen to it,
// a surface to drag on for those who point; the form does the same for everybody.
import { useRef, useState } from 'preact/hooks';
import type { ResourceKind, RosterEntry, RosterRow } from '../api/wire';
import { memberOf } from '../api/me';
import { clockTime, minuteOf, second } from '../time';
import { told } from '../words/lang';
import { rosterWords } from '../words/roster';
import { Icon, type IconName } from '../parts/Icon';
import { choose, clock, day, formOpen, made, roster, wish } from './store';

const STEP = 30;
const ICONS: Record<ResourceKind, IconName> = { studio: 'camera', equipment: 'box', crew: 'user' };
const HATCH = 'bg-[repeating-linear-gradient(135deg,#efe6d8_0_6px,#f7f1e7_6px_12px)]';

interface Hours { from: number; to: number }

/** The hours people work, and all that is open or taken besides; a studio that never closes
 * does not stretch the day over the night. */
export function shownHours(rows: RosterRow[]): Hours {
  const edges = rows.filter((row) => row.resource.kind === 'studio').flatMap((row) => {
    const open = row.open.map((span) => [minuteOf(day.value, span.starts_at), minuteOf(day.value, span.ends_at)] as const);
    const taken = row.taken.map(({ during }) => [minuteOf(day.value, during.starts_at), minuteOf(day.value, during.ends_at)] as const);
    return [...open.filter(([from, to]) => to - from < 20 * 60), ...taken];
  });
  const from = Math.max(0, Math.min(8 * 60, ...edges.map(([start]) => start)));
  const to = Math.min(24 * 60, Math.max(22 * 60, ...edges.map(([, end]) => end)));
  return { from: Math.floor(from / 60) * 60, to: Math.ceil(to / 60) * 60 };
}

function place(hours: Hours, start: number, end: number) {
  const whole = hours.to - hours.from;
  const left = (Math.max(start, hours.from) - hours.from) / whole;
  const width = (Math.min(end, hours.to) - Math.max(start, hours.from)) / whole;
  return { left: `${left * 100}%`, width: `${Math.max(0, width) * 100}%` };
}

function Bar({ entry, hours, onOpen }: { entry: RosterEntry; hours: Hours; onOpen: (id: string) => void }) {
  const w = rosterWords.value;
  const start = minuteOf(day.value, entry.during.starts_at);
  const end = minuteOf(day.value, entry.during.ends_at);
  const own = memberOf(entry.merchant ?? '') || entry.booking !== null;
  const who = entry.kind === 'block' ? w.blocked : told(entry.title) || told(entry.merchant_name) || w.occupied;
  const air = entry.on_air ?? entry.during;
  const label = w.barLabel(who, clockTime(air.starts_at), clockTime(air.ends_at));
  const look = entry.kind === 'block'
    ? 'bg-[#d9d0c3] text-[#4d443c]'
    : own ? 'bg-indigo text-white' : 'bg-[#cbbda8] text-[#3a322b]';
  const inner = (
    <>
      {entry.on_air && <span aria-hidden="true" class="absolute inset-y-0 left-0 bg-black/20" style={{ width: part(entry, 'before') }} />}
      {entry.on_air && <span aria-hidden="true" class="absolute inset-y-0 right-0 bg-black/20" style={{ width: part(entry, 'after') }} />}
      <span class="relative block truncate px-2 text-xs leading-4 font-semibold">{who}</span>
      <span class="relative block truncate px-2 text-[11px] leading-4 opacity-95">{clockTime(air.starts_at)}–{clockTime(air.ends_at)}</span>
    </>
  );
  const css = `absolute inset-y-1 z-10 flex flex-col justify-center overflow-hidden rounded-lg text-left ${look}`;
  const booking = entry.booking;
  if (!booking) return <div class={css} style={place(hours, start, end)} title={label}>{inner}</div>;
  return (
    <button type="button" class={`${css} hover:brightness-110`} style={place(hours, start, end)} aria-label={label} title={label} data-testid="booking-bar" data-booking={booking} onPointerDown={(event) => event.stopPropagation()} onClick={() => onOpen(booking)}>
      {inner}
    </button>
  );
}

function part(entry: RosterEntry, side: 'before' | 'after'): string {
  if (!entry.on_air) return '0';
  const whole = Date.parse(entry.during.ends_at) - Date.parse(entry.during.starts_at);
  const some = side === 'before'
    ? Date.parse(entry.on_air.starts_at) - Date.parse(entry.during.starts_at)
    : Date.parse(entry.during.ends_at) - Date.parse(entry.on_air.ends_at);
  return `${(Math.max(0, some) / whole) * 100}%`;
}

function Lane({ row, hours, onOpen }: { row: RosterRow; hours: Hours; onOpen: (id: string) => void }) {
  const w = rosterWords.value;
  const lane = useRef<HTMLDivElement>(null);
  const [drag, put] = useState<{ from: number; to: number } | null>(null);
  const bookable = row.resource.kind === 'studio';
  const chosen = wish.value;
  const wished = bookable && chosen.studio === row.resource.id && chosen.day === day.value && formOpen.value && !made.value;

  function minuteAt(event: PointerEvent): number {
    const box = lane.current?.getBoundingClientRect();
    if (!box) return hours.from;
    const raw = hours.from + ((event.clientX - box.left) / box.width) * (hours.to - hours.from);
    return Math.min(hours.to, Math.max(hours.from, Math.round(raw / STEP) * STEP));
  }

  const down = (event: PointerEvent) => {
    if (!bookable || event.button !== 0 || event.pointerType === 'touch') return;
    lane.current?.setPointerCapture(event.pointerId);
    const at = minuteAt(event);
    put({ from: at, to: at + STEP });
  };
  const move = (event: PointerEvent) => drag && put({ ...drag, to: minuteAt(event) });
  const up = () => {
    if (!drag) return;
    const [from, to] = drag.to > drag.from ? [drag.from, drag.to] : [drag.to, drag.from];
    put(null);
    choose({ studio: row.resource.id, day: day.value, from, to: Math.max(to, from + STEP) });
    formOpen.value = true;
  };

  const ghost = drag ?? (wished ? chosen : null);
  return (
    <div role="cell" class="relative min-h-14 border-b border-base-300" aria-colspan={(hours.to - hours.from) / 60}>
      <div
        ref={lane} title={bookable ? w.dragHint : undefined} data-testid={`lane-${row.resource.id}`}
        class={`absolute inset-0 ${HATCH} ${bookable ? 'cursor-crosshair touch-pan-x' : ''}`}
        onPointerDown={down} onPointerMove={move} onPointerUp={up} onPointerCancel={() => put(null)}
      >
        {row.open.map((span) => (
          <div key={span.starts_at} class="pointer-events-none absolute inset-y-0 bg-base-100" style={place(hours, minuteOf(day.value, span.starts_at), minuteOf(day.value, span.ends_at))} />
        ))}
        <div class="pointer-events-none absolute inset-0" style={{ background: `repeating-linear-gradient(90deg, transparent 0 calc(100% / ${(hours.to - hours.from) / 60} - 1px), #ece2d3 0 calc(100% / ${(hours.to - hours.from) / 60}))` }} />
        {row.taken.map((entry) => <Bar key={entry.during.starts_at} entry={entry} hours={hours} onOpen={onOpen} />)}
        {ghost && (
          <div class="pointer-events-none absolute inset-y-1 z-10 rounded-lg border-2 border-dashed border-primary bg-primary/10" style={place(hours, Math.min(ghost.from, ghost.to), Math.max(ghost.from, ghost.to))}>
            <span class="rounded-br-lg bg-primary px-1.5 text-[11px] font-bold text-white">{clock(Math.min(ghost.from, ghost.to))}–{clock(Math.max(ghost.from, ghost.to))}</span>
          </div>
        )}
      </div>
    </div>
  );
}

export function Grid({ onOpen }: { onOpen: (booking: string) => void }) {
  const w = rosterWords.value;
  const found = roster.value;
  if (!found) return null;
  const hours = shownHours(found.rows);
  const columns = Array.from({ length: (hours.to - hours.from) / 60 }, (_, index) => hours.from + index * 60);
  const now = minuteOf(day.value, new Date(second.value).toISOString());
  const kinds: ResourceKind[] = ['studio', 'equipment', 'crew'];
  const across = { gridTemplateColumns: 'var(--head) minmax(46rem, 1fr)' };
  return (
    <div class="panel thin-bar relative overflow-x-auto [--head:8.5rem] sm:[--head:12rem]" tabIndex={0} role="region" aria-label={w.title} data-testid="roster-grid">
      <div role="table" aria-label={w.title} class="relative min-w-max">
        <div role="row" class="grid" style={across}>
          <span role="columnheader" class="sticky left-0 z-20 border-r border-b border-base-300 bg-base-100 px-3 py-2 text-xs font-semibold text-quiet">{w.resource}</span>
          <div class="grid border-b border-base-300 bg-base-100" role="presentation" style={{ gridTemplateColumns: `repeat(${columns.length}, 1fr)` }}>
            {columns.map((minute) => (
              <span key={minute} role="columnheader" class="border-l border-[#ece2d3] py-2 pl-1.5 text-xs text-quiet first:border-0">{clock(minute)}</span>
            ))}
          </div>
        </div>
        {kinds.map((kind) => {
          const rows = found.rows.filter((row) => row.resource.kind === kind);
          if (rows.length === 0) return null;
          return (
            <div key={kind} role="rowgroup" aria-label={w.kinds[kind]}>
              <div role="presentation" class="sticky left-0 z-10 flex w-fit items-center gap-1.5 px-3 pt-3 pb-1 text-xs font-bold text-accent"><Icon name={ICONS[kind]} size={16} />{w.kinds[kind]}</div>
              {rows.map((row) => (
                <div key={row.resource.id} role="row" class="grid" style={across} data-testid="roster-row" data-resource={row.resource.id}>
                  <div role="rowheader" class="sticky left-0 z-20 flex min-h-14 flex-col justify-center border-r border-b border-base-300 bg-base-100 px-3 py-1.5">
                    <span class="line-clamp-2 text-sm leading-tight font-semibold">{told(row.resource.name)}</span>
                    <span class="truncate text-xs text-quiet">{told(row.resource.class_name)}</span>
                  </div>
                  <Lane row={row} hours={hours} onOpen={onOpen} />
                </div>
              ))}
            </div>
          );
        })}
        {now > hours.from && now < hours.to && (
          <div aria-hidden="true" class="pointer-events-none absolute inset-y-0 right-0 left-(--head) z-10">
            <div class="absolute inset-y-0 w-0.5 bg-primary" style={{ left: place(hours, now, now).left }}><span class="absolute top-1 -left-1 size-2.5 rounded-full bg-primary" /></div>
          </div>
        )}
      </div>
    </div>
  );
}
