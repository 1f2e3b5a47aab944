// The live room: watch, talk, buy; and the same room as a replay afterwards.
import { effect } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { boot, idOf } from '../boot';
import type { RoomOut } from '../api/wire';
import { followCart, loadCart } from '../cart/cart';
import { useWide } from '../parts/pieces';
import { show } from '../parts/show';
import { say, Toasts } from '../parts/Toast';
import { onPersonal } from '../api/personal';
import { Icon } from '../parts/Icon';
import { told } from '../words/lang';
import { offerWords } from '../words/offers';
import { problemText } from '../words/problems';
import { roomWords } from '../words/room';
import { shared } from '../words/shared';
import { BuySheet } from '../room/BuySheet';
import { recallHolds } from '../room/buying';
import { join } from '../room/connection';
import { loadCoupons, loadPrizes } from '../room/offers';
import { Desk } from '../room/Desk';
import { Phone } from '../room/Phone';
import { useChapters } from '../room/Replay';
import { connected, cutOff, failed, liveState, load, onAir, over, readAgainSoon, room, take } from '../room/store';
import { SellerSheet } from '../room/Top';

const live = idOf('live');
if (boot.room) take(boot.room as RoomOut);

/** A change of state changes what the room offers: read it again, until the replay is there;
 * and while the socket is away, so that shopping goes on. */
function useFreshRoom(): void {
  useEffect(() => {
    let known = liveState.peek();
    const stop = effect(() => {
      const now = liveState.value;
      if (now !== known) {
        known = now;
        readAgainSoon();
      }
    });
    const timer = setInterval(() => {
      const replayDue = over.value && room.value && !room.value.replay;
      const deaf = onAir.value && !connected.value && !cutOff.value;
      if (replayDue || deaf) void load(live);
    }, 5000);
    return () => {
      stop();
      clearInterval(timer);
    };
  }, []);
}

function Failed() {
  const s = shared.value;
  return (
    <main class="grid min-h-dvh place-items-center bg-base-200 p-6 text-center">
      <div>
        <span class="mx-auto grid size-16 place-items-center rounded-full bg-base-100 text-quiet"><Icon name="alert" size={30} /></span>
        <p class="mt-4 max-w-xs">{problemText(failed.value)}</p>
        <div class="mt-5 flex justify-center gap-2">
          <button type="button" class="btn btn-secondary" onClick={() => void load(live)}>{s.retry}</button>
          <a class="btn btn-quiet" href="/">{s.home}</a>
        </div>
      </div>
    </main>
  );
}

function Room() {
  const w = roomWords.value;
  const wide = useWide();
  const found = room.value;
  useFreshRoom();
  useChapters();
  useEffect(() => {
    void loadCart().catch(() => undefined);
    if (!room.peek()) void load(live);
    void recallHolds(live);
    void loadCoupons();
    return onPersonal((frame) => {
      if (frame.t === 'won' || frame.t === 'turn') void recallHolds(live);
      if (frame.t === 'turn') say(offerWords.value.turn);
      if (frame.t === 'prize') void loadPrizes();
    });
  }, []);
  useEffect(followCart, []);
  useEffect(() => (found ? join(found) : undefined), [found !== null]);
  useEffect(() => {
    if (found) document.title = `${told(found.live.title)} · ${told(found.seller.name)}`;
  });
  if (!found && failed.value) return <Failed />;
  if (!found) {
    return (
      <main class="grid min-h-dvh place-items-center" aria-busy="true">
        {boot.poster && <img class="first-poster" src={boot.poster} alt="" />}
        <span class="loading loading-ring loading-xl relative text-white" /><span class="sr-only">{shared.value.loading}</span>
      </main>
    );
  }
  return (
    <main>
      <h1 class="sr-only">{w.title}: {told(found.live.title)}</h1>
      {wide ? <Desk /> : <Phone />}
      <BuySheet bagInSheet />
      <SellerSheet />
      <Toasts />
    </main>
  );
}

show(Room);
