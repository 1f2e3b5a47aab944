// The room on a phone: the picture is the page, everything else lies over it.
import { Icon } from '../parts/Icon';
import { roomWords } from '../words/room';
import { AuctionCard } from './AuctionCard';
import { inHand, openBag } from './buying';
import { ChatInput, ChatLog, Pinned } from './Chat';
import { ExplainCard } from './ExplainCard';
import { HeartButton, RisingHearts } from './Hearts';
import { SoundButton } from './Player';
import { PromoStack } from './Promo';
import { Chapters, ScrubBar } from './Replay';
import { Stage, SoldNote } from './Stage';
import { cards, over, room } from './store';
import { share } from './Top';

export function BagButton() {
  const w = roomWords.value;
  const held = inHand.value.length;
  const count = cards.value.length;
  return (
    <button type="button" class="relative grid size-12 shrink-0 place-items-center rounded-2xl bg-primary text-white shadow-lift" onClick={() => openBag(held ? 'mine' : 'all')} aria-label={w.bagCount(count)} data-testid="bag">
      <Icon name="bag" size={25} />
      <span class="absolute -top-1.5 -right-1.5 grid h-5 min-w-5 place-items-center rounded-full bg-base-100 px-1 text-xs font-bold text-primary">{held || count}</span>
    </button>
  );
}

export function Phone() {
  const w = roomWords.value;
  const replay = over.value && room.value?.replay;
  return (
    <div class="fixed inset-0 overflow-hidden bg-[#191412]">
      <Stage />
      <RisingHearts />
      <PromoStack class="top-32" />
      <div class="absolute inset-x-0 bottom-0 z-10 flex flex-col gap-2 px-3 pb-[max(0.75rem,env(safe-area-inset-bottom))]">
        <SoldNote />
        {!replay && <Pinned onPicture />}
        {!replay && <ChatLog onPicture class="max-h-[26dvh] w-[78%]" />}
        <AuctionCard />
        <ExplainCard />
        {replay && <Chapters row />}
        {replay && <ScrubBar />}
        <div class="flex items-center gap-2">
          <BagButton />
          {replay ? <span class="flex-1" /> : <ChatInput onPicture />}
          <SoundButton />
          <HeartButton onPicture />
          <button type="button" class="scrim grid size-11 shrink-0 place-items-center rounded-full" aria-label={w.share} onClick={() => void share()}>
            <Icon name="share" />
          </button>
        </div>
      </div>
    </div>
  );
}
