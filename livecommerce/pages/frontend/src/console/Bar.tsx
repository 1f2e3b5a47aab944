// The console's bar: which session, in what state, who watches, and the few big levers.
import { useState } from 'preact/hooks';
import { Icon } from '../parts/Icon';
import { LangSwitch } from '../parts/Frame';
import { Mark } from '../parts/Calico';
import { StatePill } from '../parts/pieces';
import { Sheet } from '../parts/Sheet';
import { attempt } from '../parts/Toast';
import { compact } from '../money';
import { clockTime, dayAndTime, lasting, second } from '../time';
import { told } from '../words/lang';
import { consoleWords } from '../words/console';
import { shared } from '../words/shared';
import { connected, liveState, onAir, over, room, viewers } from '../room/store';
import { busy, change, ingest, lights, OFFERED, type Change } from './store';

function Timecode() {
  const live = room.value?.live;
  if (!live) return null;
  if (onAir.value && live.started_at) {
    return <span class="font-semibold tabular-nums" data-testid="timecode">{lasting((second.value - Date.parse(live.started_at)) / 1000)}</span>;
  }
  return <span class="text-sm text-quiet">{dayAndTime(live.starts_at)}–{clockTime(live.ends_at)}</span>;
}

export function Bar() {
  const w = consoleWords.value;
  const s = shared.value;
  const live = room.value?.live;
  const [asking, ask] = useState<'end' | 'cancel' | null>(null);
  if (!live) return null;
  const words: Record<Change, string> = { ready: w.ready, pause: w.pause, resume: w.resume, end: w.end, cancel: w.cancelLive };
  const looks: Record<Change, string> = { ready: 'btn-secondary', pause: 'btn-quiet', resume: 'btn-secondary', end: 'btn-primary', cancel: 'btn-quiet' };
  const blocked = lights.value.some((light) => !light.ok);
  const signal = ingest.value?.state === 'live';
  return (
    <header class="flex flex-wrap items-center gap-x-4 gap-y-1.5 border-b border-base-300 bg-base-100 px-4 py-1.5">
      <a href="/console" class="flex min-h-11 items-center gap-2 rounded-lg pr-1" aria-label={w.mine}><Mark size={28} /><Icon name="left" size={16} class="text-quiet" /></a>
      <div class="min-w-0 flex-1 leading-tight max-lg:basis-[calc(100%-9rem)]">
        <h1 class="truncate max-sm:line-clamp-2 max-sm:whitespace-normal font-serif text-lg font-semibold" data-testid="console-title">{told(live.title)}</h1>
        <p class="truncate text-xs text-quiet">{told(live.merchant_name)}</p>
      </div>
      <LangSwitch short class="btn btn-ghost btn-square lg:hidden" />
      <div class="flex flex-wrap items-center gap-x-3 gap-y-1">
        <StatePill state={liveState.value} />
        <Timecode />
        <span class="inline-flex items-center gap-1.5 text-sm" data-testid="ingest-health">
          <span class={`size-2.5 rounded-full ${signal ? 'bg-success' : 'bg-[#b9ad9d]'}`} />
          <span class="text-quiet max-sm:sr-only">{w.signal[ingest.value?.state ?? 'idle'] ?? ''}</span>
        </span>
        {!over.value && <span class="inline-flex items-center gap-1.5 text-sm font-semibold" data-testid="console-viewers"><Icon name="eye" size={17} />{compact(viewers.value)}<span class="hidden font-normal text-quiet sm:inline">{w.watching}</span></span>}
        {!connected.value && onAir.value && <span class="loading loading-ring loading-sm text-warning" />}
      </div>
      <div class="flex flex-wrap items-center gap-2">
        {OFFERED[liveState.value].map((to) => (
          <button
            key={to} type="button" class={`btn ${looks[to]}`} data-testid={`do-${to}`}
            disabled={busy.value !== '' || (to === 'ready' && blocked)}
            onClick={() => (to === 'end' || to === 'cancel' ? ask(to) : void attempt(() => change(to)))}
          >
            {busy.value === to && <span class="loading loading-spinner loading-sm" />}{words[to]}
          </button>
        ))}
        <a class="btn btn-quiet btn-square" href={`/live/${live.id}`} target="_blank" rel="noreferrer" aria-label={w.room} title={w.room}><Icon name="external" size={18} /></a>
        <a class="btn btn-quiet btn-square" href={`/live/${live.id}/chain`} aria-label={w.chain} title={w.chain}><Icon name="link" size={18} /></a>
        <span class="hidden lg:inline"><LangSwitch /></span>
      </div>
      <Sheet
        open={asking !== null} title={asking === 'cancel' ? w.cancelLive : w.endTitle} onClose={() => ask(null)} testid="confirm-sheet"
        footer={(
          <div class="flex gap-2">
            <button type="button" class="btn btn-quiet flex-1" onClick={() => ask(null)}>{s.back}</button>
            <button
              type="button" class="btn btn-primary flex-1" data-testid="confirm"
              onClick={() => {
                if (asking) void attempt(() => change(asking));
                ask(null);
              }}
            >
              {asking === 'cancel' ? w.cancelLive : w.end}
            </button>
          </div>
        )}
      >
        <p class="px-5 py-6 leading-relaxed">{asking === 'cancel' ? w.cancelHint : w.endHint}</p>
      </Sheet>
    </header>
  );
}
