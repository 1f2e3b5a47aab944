// The replay's bar: a dot for each chapter, which is a product that can still be bought.
import { useEffect } from 'preact/hooks';
import { Icon } from '../parts/Icon';
import { lasting } from '../time';
import { told } from '../words/lang';
import { roomWords } from '../words/room';
import { length, playing, position, seekTo, togglePlay } from './Player';
import { cardHidden, cards, explaining, room } from './store';

export function chapterAt(seconds: number) {
  const chapters = room.value?.replay?.chapters ?? [];
  return chapters.find((each) => seconds >= each.start && seconds < each.end) ?? null;
}

const wanted = new URL(location.href).searchParams.get('segment');

/** A link to a segment opens the replay there. */
export function beginAt(): void {
  const chapter = room.value?.replay?.chapters.find((each) => each.segment === wanted);
  if (chapter) seekTo(chapter.start + 0.05);
}

/** In a replay the card follows the picture by itself. */
export function useChapters(): void {
  useEffect(() => position.subscribe((seconds) => {
    const now = room.value?.replay ? chapterAt(seconds) : null;
    if (!room.value?.replay || now?.segment === explaining.value?.segment) return;
    cardHidden.value = false;
    explaining.value = now
      ? { card: now.card, segment: now.segment, since: room.value.replay.media_start, version: 0 }
      : null;
  }), []);
}

export function ScrubBar({ class: extra = '' }: { class?: string }) {
  const w = roomWords.value;
  const replay = room.value?.replay;
  if (!replay) return null;
  const whole = length.value || replay.duration || 1;
  const done = Math.min(100, (position.value / whole) * 100);
  return (
    <div class={`flex items-center gap-2 text-white ${extra}`} data-testid="scrub">
      <button type="button" class="scrim grid size-11 shrink-0 place-items-center rounded-full" aria-label={playing.value ? w.pause : w.play} onClick={togglePlay}>
        <Icon name={playing.value ? 'pause' : 'play'} fill={!playing.value} />
      </button>
      <div class="relative h-11 flex-1">
        <div class="pointer-events-none absolute inset-x-0 top-1/2 h-1.5 -translate-y-1/2 overflow-hidden rounded-full bg-white/35">
          <div class="h-full rounded-full bg-ochre" style={{ width: `${done}%` }} />
        </div>
        <input
          type="range" min={0} max={Math.ceil(whole)} step={1} value={Math.floor(position.value)}
          aria-label={w.seek} aria-valuetext={`${lasting(position.value)} / ${lasting(whole)}`}
          onInput={(event) => seekTo(Number(event.currentTarget.value))}
          class="absolute inset-0 h-full w-full cursor-pointer opacity-0 focus-visible:opacity-60"
        />
        {replay.chapters.map((chapter) => (
          <span
            key={chapter.segment} title={told(chapter.title)} aria-hidden="true"
            class="pointer-events-none absolute top-1/2 size-3 -translate-x-1/2 -translate-y-1/2 rounded-full border-2 border-white bg-primary"
            style={{ left: `${Math.min(99, (chapter.start / whole) * 100)}%` }}
          />
        ))}
      </div>
      <span class="shrink-0 rounded-full bg-black/50 px-2 py-0.5 text-xs tabular-nums">{lasting(position.value)} / {lasting(whole)}</span>
    </div>
  );
}

export function Chapters({ row = false }: { row?: boolean }) {
  const w = roomWords.value;
  const replay = room.value?.replay;
  if (!replay) return null;
  const now = chapterAt(position.value);
  if (replay.chapters.length === 0) return <p class="p-4 text-sm text-quiet">{w.noChapters}</p>;
  return (
    <ol class={row ? 'no-bar flex gap-2 overflow-x-auto' : 'flex flex-col gap-1.5'} aria-label={w.chapters} data-testid="chapters">
      {replay.chapters.map((chapter) => {
        const here = now?.segment === chapter.segment;
        const card = cards.value.find((each) => each.id === chapter.card);
        const title = told(chapter.title) || told(card?.title);
        const look = row
          ? `scrim rounded-full px-3.5 ${here ? 'ring-2 ring-ochre' : ''}`
          : `w-full rounded-xl px-3 ${here ? 'bg-calico text-indigo' : 'hover:bg-base-200'}`;
        return (
          <li key={chapter.segment} class={row ? 'shrink-0' : ''}>
            <button
              type="button" onClick={() => seekTo(chapter.start + 0.05)} aria-label={w.jump(title, lasting(chapter.start))}
              aria-current={here ? 'true' : undefined} class={`flex min-h-11 items-center gap-2.5 text-left text-sm font-medium ${look}`}
            >
              <span class="text-xs tabular-nums opacity-90">{lasting(chapter.start)}</span>
              <span class={row ? 'max-w-36 truncate' : 'min-w-0 flex-1 truncate'}>{title}</span>
            </button>
          </li>
        );
      })}
    </ol>
  );
}
