// The console of one session: shelf and explain, what viewers see, chat, and what must hold before air.
import { effect } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import { idOf } from '../boot';
import { loadMe, signedIn } from '../api/me';
import { Barred, NotYours, SignInFirst } from '../parts/Barred';
import { Frame } from '../parts/Frame';
import { useWide } from '../parts/pieces';
import { show } from '../parts/show';
import { Toasts } from '../parts/Toast';
import { told } from '../words/lang';
import { consoleWords } from '../words/console';
import { shared } from '../words/shared';
import { Bar } from '../console/Bar';
import { ChatPanel } from '../console/ChatPanel';
import { Checklist, Ingest } from '../console/Prepare';
import { Preview } from '../console/Preview';
import { AddSheet, PriceSheet } from '../console/Prices';
import { Sales } from '../console/Sales';
import { OffersPanel } from '../console/OffersPanel';
import { adding, ShelfPanel } from '../console/ShelfPanel';
import { heardOrder, keepsOrder } from '../console/order';
import { look } from '../console/store';
import { join } from '../room/connection';
import { failed, liveState, load, onAir, room } from '../room/store';
import { SellerSheet } from '../room/Top';

const live = idOf('live');

function useWatch(ready: boolean): void {
  useEffect(() => {
    if (!ready) return undefined;
    void look();
    let known = liveState.peek();
    const stop = effect(() => {
      if (liveState.value === known) return;
      known = liveState.value;
      void load(live);
      void look();
    });
    const timer = setInterval(() => void look(), 5000);
    return () => {
      stop();
      clearInterval(timer);
    };
  }, [ready]);
}

type View = 'shelf' | 'offers' | 'preview' | 'chat' | 'prepare';

function Narrow() {
  const w = consoleWords.value;
  const [view, see] = useState<View>(onAir.value ? 'shelf' : 'prepare');
  const views: View[] = ['shelf', 'offers', 'preview', 'chat', 'prepare'];
  return (
    <div class="flex min-h-0 flex-1 flex-col gap-3 p-3">
      <div class="no-bar flex gap-1 overflow-x-auto rounded-full bg-base-100 p-1" role="group" aria-label={w.views}>
        {views.map((each) => (
          <button key={each} type="button" aria-pressed={view === each} onClick={() => see(each)} data-testid={`view-${each}`} class={`min-h-11 flex-1 rounded-full px-3 text-sm font-semibold whitespace-nowrap ${view === each ? 'bg-calico text-indigo' : 'text-quiet'}`}>{w[each]}</button>
        ))}
      </div>
      {view === 'shelf' && <ShelfPanel />}
      {view === 'offers' && <OffersPanel />}
      {view === 'preview' && <Preview />}
      {view === 'chat' && <ChatPanel />}
      {view === 'prepare' && <div class="flex flex-col gap-3 overflow-y-auto"><Checklist /><Ingest /></div>}
    </div>
  );
}

function Wide() {
  const w = consoleWords.value;
  const [left, turn] = useState<'shelf' | 'offers'>('shelf');
  return (
    <div class="grid min-h-0 flex-1 grid-cols-[minmax(22rem,1fr)_minmax(18rem,25rem)_minmax(20rem,1fr)] gap-4 p-4">
      <div class="flex min-h-0 flex-col gap-3">
        <div class="flex gap-1 rounded-full bg-base-100 p-1" role="group" aria-label={w.views}>
          {(['shelf', 'offers'] as const).map((each) => (
            <button key={each} type="button" aria-pressed={left === each} onClick={() => turn(each)} data-testid={`view-${each}`} class={`min-h-11 flex-1 rounded-full text-sm font-semibold ${left === each ? 'bg-calico text-indigo' : 'text-quiet'}`}>{w[each]}</button>
          ))}
        </div>
        {left === 'shelf' ? <ShelfPanel /> : <OffersPanel />}
      </div>
      <div class="flex min-h-0 flex-col"><Preview /></div>
      <div class="flex min-h-0 flex-col gap-4">
        <div class={`thin-bar flex ${onAir.value ? 'max-h-[55%]' : 'max-h-[68%]'} shrink-0 flex-col gap-4 overflow-y-auto`} tabIndex={0} role="region" aria-label={w.prepare}><Checklist /><Ingest /></div>
        <ChatPanel />
      </div>
    </div>
  );
}

function Console() {
  const w = consoleWords.value;
  const wide = useWide('(min-width: 70rem)');
  const found = room.value;
  useEffect(() => {
    void loadMe();
    void load(live);
  }, []);
  const mine = found !== null && found.me.roles.some((role) => /^(merchant|staff):/.test(role));
  useEffect(() => (mine ? join(found, keepsOrder(found.me.roles) ? heardOrder : undefined) : undefined), [mine]);
  useWatch(mine);
  useEffect(() => {
    if (found) document.title = `${w.title} · ${told(found.live.title)}`;
  });
  if (!found) {
    return (
      <main class="grid min-h-dvh place-items-center">
        {failed.value ? (
          <Barred error={failed.value} again={() => void load(live)} />
        ) : <span class="loading loading-dots loading-lg text-secondary"><span class="sr-only">{shared.value.loading}</span></span>}
      </main>
    );
  }
  if (!mine) return <Frame title={w.title}>{signedIn.value ? <NotYours /> : <SignInFirst />}</Frame>;
  return (
    <div class="flex h-dvh flex-col overflow-hidden">
      <Bar />
      <Sales />
      <main class="flex min-h-0 flex-1 flex-col">{wide ? <Wide /> : <Narrow />}</main>
      {adding.value && <AddSheet />}
      <PriceSheet />
      <SellerSheet />
      <Toasts />
    </div>
  );
}

show(Console);
