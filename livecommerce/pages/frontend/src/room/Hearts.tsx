// Hearts: tapped as often as one likes, sent once a second, and seen rising by everybody.
import { useEffect, useState } from 'preact/hooks';
import { Icon } from '../parts/Icon';
import { roomWords } from '../words/room';
import { call } from './connection';
import { hearts, onAir, room } from './store';

const MOST_SHOWN = 6;
const STILL = '(prefers-reduced-motion: reduce)';
let given = 0;
let sending: ReturnType<typeof setTimeout> | null = null;

function give(): void {
  given += 1;
  sending ??= setTimeout(() => {
    const n = Math.min(given, 10);
    given = 0;
    sending = null;
    const live = room.peek()?.live.id;
    // A heart that does not arrive is no loss: nothing to tell anybody.
    if (live) void call('react', { live, n: { heart: n } }).catch(() => undefined);
  }, 1000);
}

export function HeartButton({ onPicture = false }: { onPicture?: boolean }) {
  const w = roomWords.value;
  const [beat, put] = useState(0);
  if (!onAir.value) return null;
  return (
    <button
      type="button" aria-label={w.heart} title={w.heart} data-testid="heart"
      class={`relative grid size-11 shrink-0 place-items-center rounded-full text-primary ${onPicture ? 'scrim' : 'border border-base-300 bg-base-100'}`}
      onClick={() => {
        give();
        put(beat + 1);
      }}
    >
      <span key={beat} class={beat ? 'heart-beat' : ''}><Icon name="heart" fill /></span>
    </button>
  );
}

interface Rising { key: number; left: number; after: number }

/** What everybody's hearts look like; who wants no motion sees a number instead. */
export function RisingHearts() {
  const [rising, put] = useState<Rising[]>([]);
  const { n, burst } = hearts.value;
  const still = matchMedia(STILL).matches;
  useEffect(() => {
    if (!burst || still) return undefined;
    const born = Array.from({ length: Math.min(n, MOST_SHOWN) }, (_, i) => ({
      key: burst * MOST_SHOWN + i, left: Math.random() * 44, after: Math.random() * 800,
    }));
    put((before) => [...before, ...born].slice(-3 * MOST_SHOWN));
    const timer = setTimeout(() => put((before) => before.filter((each) => !born.includes(each))), 3200);
    return () => clearTimeout(timer);
  }, [burst]);
  return (
    <div class="pointer-events-none absolute right-3 bottom-24 z-10 h-48 w-16 overflow-hidden" aria-hidden="true" data-testid="hearts" data-burst={burst}>
      {still && n > 0 && <span class="absolute right-0 bottom-0 rounded-full bg-black/50 px-2 py-0.5 text-xs font-semibold text-white">♥ {n}</span>}
      {rising.map((each) => (
        <span key={each.key} class="heart-rise absolute bottom-0 text-primary" style={{ left: `${each.left}px`, animationDelay: `${each.after}ms` }}><Icon name="heart" fill size={20} /></span>
      ))}
    </div>
  );
}
