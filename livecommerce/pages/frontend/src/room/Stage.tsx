// The picture with all that belongs on it: gradients, curtain, who sells.
import { roomWords } from '../words/room';
import { Icon } from '../parts/Icon';
import { soldText, turnText } from './BuySheet';
import { Curtain } from './Curtain';
import { Player } from './Player';
import { beginAt } from './Replay';
import { lastSold, lastTurn, liveState, over, room, streams } from './store';
import { Top } from './Top';

function TurnNote({ variant, back }: { variant: string; back: boolean }) {
  return (
    <p key={`${variant} ${back}`} class={`settle inline-flex w-fit max-w-full items-center gap-1.5 rounded-full px-3 py-1 text-xs font-semibold text-white ${back ? 'bg-success/95' : 'bg-[#35302c]/95'}`} role="status" data-testid="turn-note">
      <Icon name={back ? 'refresh' : 'bag'} size={14} />
      <span class="truncate">{turnText(variant, back)}</span>
    </p>
  );
}

/** Somebody bought, or the last piece went: one note at a time, the rarer one first. */
export function SoldNote() {
  const turn = lastTurn.value;
  if (turn) return <TurnNote {...turn} />;
  const note = lastSold.value;
  if (!note) return null;
  return (
    <p key={note.variant + note.name} class="settle inline-flex w-fit max-w-full items-center gap-1.5 rounded-full bg-ochre/95 px-3 py-1 text-xs font-semibold text-[#3d2600]" role="status" data-testid="sold-note">
      <Icon name="bag" size={14} />
      <span class="truncate">{soldText(note.name, note.count, note.variant)}</span>
      {note.more > 0 && <span class="shrink-0">{roomWords.value.soldMore(note.more)}</span>}
    </p>
  );
}

export function Stage({ framed = false }: { framed?: boolean }) {
  const found = room.value;
  const w = roomWords.value;
  if (!found) return null;
  const replay = over.value ? found.replay : null;
  const video = replay ?? (over.value ? null : found.video);
  const shown = liveState.value !== 'scheduled' && liveState.value !== 'ready';
  const poster = replay?.poster ?? found.live.cover ?? found.cards[0]?.pictures[0] ?? null;
  return (
    <section aria-label={w.video} class="absolute inset-0 overflow-hidden bg-[#191412]" data-testid="stage">
      {video && shown && (
        <Player key={`${video.hls} ${streams.value}`} src={video.hls} poster={poster} live={!replay} latency={found.video?.latency_s ?? 0} onReady={beginAt} />
      )}
      <Curtain />
      <div class="pointer-events-none absolute inset-x-0 top-0 h-40 bg-gradient-to-b from-black/60 to-transparent" />
      <div class="pointer-events-none absolute inset-x-0 bottom-0 h-80 bg-gradient-to-t from-black/70 to-transparent" />
      <Top framed={framed} />
    </section>
  );
}
