// The room on a wide screen: shelf, picture, chat, side by side.
import { LangSwitch } from '../parts/Frame';
import { Mark } from '../parts/Calico';
import { Icon } from '../parts/Icon';
import { told } from '../words/lang';
import { roomWords } from '../words/room';
import { shared } from '../words/shared';
import { AuctionCard } from './AuctionCard';
import { inHand, openBag } from './buying';
import { ChatInput, ChatLog, Pinned } from './Chat';
import { ExplainCard } from './ExplainCard';
import { HeartButton, RisingHearts } from './Hearts';
import { SoundButton } from './Player';
import { PromoStack } from './Promo';
import { Chapters, ScrubBar } from './Replay';
import { Shelf, ShipTo } from './Shelf';
import { SoldNote, Stage } from './Stage';
import { cards, over, room } from './store';
import { share } from './Top';

export function Desk() {
  const w = roomWords.value;
  const s = shared.value;
  const replay = over.value && room.value?.replay;
  const held = inHand.value.length;
  return (
    <div class="flex h-dvh flex-col bg-base-200">
      <header class="flex h-14 shrink-0 items-center gap-4 border-b border-base-300 bg-base-100 px-5">
        <a href="/" class="flex min-h-11 items-center gap-2.5 font-serif text-lg font-semibold"><Mark size={28} />{s.centre}</a>
        <p class="min-w-0 flex-1 truncate text-center font-medium text-quiet">{told(room.value?.live.title)}</p>
        <LangSwitch />
        <button type="button" class="btn btn-quiet" onClick={() => void share()}><Icon name="share" size={18} />{w.share}</button>
      </header>
      <div class="mx-auto grid min-h-0 w-full max-w-[82rem] flex-1 grid-cols-[minmax(300px,380px)_minmax(360px,1fr)_minmax(300px,380px)] gap-4 p-4">
        <section class="panel flex min-h-0 flex-col" aria-label={w.bag}>
          <div class="flex items-center gap-2 px-4 pt-3 pb-2">
            <h2 class="font-serif text-lg font-semibold">{w.bag}</h2>
            <span class="tag bg-base-200 text-quiet">{cards.value.length}</span>
            <button type="button" class={`btn ml-auto rounded-full ${held ? 'btn-primary' : 'btn-quiet'}`} onClick={() => openBag('mine')} data-testid="bag">
              <Icon name="bag" size={18} />{w.mine(held)}
            </button>
          </div>
          <ShipTo class="mx-4 mb-1" />
          <div class="thin-bar min-h-0 flex-1 overflow-y-auto px-2 pb-3" tabIndex={0} role="region" aria-label={w.all}><Shelf /></div>
        </section>
        <div class="relative mx-auto aspect-[9/16] h-full max-h-full max-w-full overflow-hidden rounded-3xl shadow-lift">
          <Stage framed />
          <RisingHearts />
          <PromoStack class="top-28" />
          <div class="absolute inset-x-0 bottom-0 z-10 flex flex-col gap-2 p-3">
            <SoldNote />
            <AuctionCard />
            <ExplainCard />
            {replay && <ScrubBar />}
            <div class="flex justify-end"><SoundButton /></div>
          </div>
        </div>
        <section class="panel flex min-h-0 flex-col" aria-label={replay ? w.chapters : w.chat}>
          <h2 class="px-4 pt-3.5 pb-2 font-serif text-lg font-semibold">{replay ? w.chapters : w.chat}</h2>
          {replay ? (
            <div class="thin-bar min-h-0 flex-1 overflow-y-auto px-2 pb-3"><Chapters /></div>
          ) : (
            <>
              <Pinned />
              <ChatLog class="min-h-0 flex-1 px-4" />
              <div class="flex items-center gap-2 border-t border-base-300 p-3"><ChatInput /><HeartButton /></div>
            </>
          )}
        </section>
      </div>
    </div>
  );
}
