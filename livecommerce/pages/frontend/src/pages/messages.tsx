// The inbox: orders that somebody wrote about, the last one first.
import { useState } from 'preact/hooks';
import type { ThreadListed } from '../api/buyer';
import { get } from '../api/http';
import { isStaff, me } from '../api/me';
import type { PageOf } from '../api/wire';
import { Frame } from '../parts/Frame';
import { Empty, useAsked, Waiting } from '../parts/pieces';
import { Picture } from '../parts/Picture';
import { show } from '../parts/show';
import { attempt } from '../parts/Toast';
import { forViewer } from '../time';
import { buyerWords } from '../words/buyer';
import { told } from '../words/lang';
import { orderWords } from '../words/order';
import { shared } from '../words/shared';

function Row({ thread, named }: { thread: ThreadListed; named: boolean }) {
  const w = buyerWords.value;
  return (
    <li>
      <a href={`/orders/${thread.order}#messages`} class={`panel flex gap-4 p-4 hover:shadow-lift ${thread.unread > 0 ? 'border-indigo' : ''}`} data-testid="thread-row" data-unread={thread.unread}>
        <Picture src={thread.picture} alt="" class="size-16 shrink-0 overflow-hidden rounded-xl" />
        <span class="min-w-0 flex-1">
          <span class="flex items-center justify-between gap-2">
            <span class="truncate text-sm font-semibold">{told(thread.title)}</span>
            {thread.unread > 0 && <span class="tag bg-primary text-primary-content">{w.unread(thread.unread)}</span>}
          </span>
          <span class={`mt-0.5 block truncate text-sm ${thread.unread > 0 ? 'font-medium' : 'text-quiet'}`}>{w.sides[thread.last_side]}: <span lang="" dir="auto">{thread.last_text}</span></span>
          <span class="mt-1 flex flex-wrap gap-x-3 text-xs text-quiet"><span>{forViewer(thread.last_at)}</span><span>{orderWords.value.states[thread.state] ?? thread.state}</span>{named && <span>{told(thread.merchant_name)}</span>}</span>
        </span>
      </a>
    </li>
  );
}

function Inbox() {
  const w = buyerWords.value;
  const [unread, only] = useState(false);
  const page = (cursor?: string) => get<PageOf<ThreadListed>>(`/v1/messages?limit=30&unread=${unread}${cursor ? `&cursor=${cursor}` : ''}`);
  const asked = useAsked(() => page(), [unread]);
  const named = isStaff.value || (me.value?.memberships.length ?? 0) !== 1;
  async function more(known: PageOf<ThreadListed>): Promise<void> {
    const next = await attempt(() => page(known.next_cursor ?? undefined));
    if (next) asked.set({ items: [...known.items, ...next.items], next_cursor: next.next_cursor });
  }
  return (
    <Frame title={w.inbox}>
      <div class="mx-auto max-w-3xl">
        <div class="mb-5 flex flex-wrap items-end justify-between gap-3">
          <h1 class="font-serif text-3xl font-semibold">{w.inbox}</h1>
          <label class="flex min-h-11 items-center gap-2 text-sm"><input type="checkbox" class="toggle" checked={unread} onChange={(event) => only(event.currentTarget.checked)} data-testid="only-unread" />{w.onlyUnread}</label>
        </div>
        <Waiting asked={asked}>
          {(found) => (
            <>
              {found.items.length === 0 && <div class="panel"><Empty icon="chat" text={w.noThreads} /></div>}
              <ul class="flex flex-col gap-3">{found.items.map((thread) => <Row key={thread.order} thread={thread} named={named} />)}</ul>
              {found.next_cursor && <p class="mt-5 text-center"><button type="button" class="btn btn-quiet rounded-full px-8" onClick={() => void more(found)}>{shared.value.more}</button></p>}
            </>
          )}
        </Waiting>
      </div>
    </Frame>
  );
}

show(Inbox);
