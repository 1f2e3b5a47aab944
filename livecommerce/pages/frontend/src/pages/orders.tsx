// One's own orders, the newest first.
import { useState } from 'preact/hooks';
import { get } from '../api/http';
import { signedIn } from '../api/me';
import type { OrderListed, OrderState, PageOf } from '../api/wire';
import { ContestedTag } from '../orders/Contested';
import { Frame } from '../parts/Frame';
import { Icon } from '../parts/Icon';
import { Empty, useAsked, Waiting } from '../parts/pieces';
import { Picture } from '../parts/Picture';
import { show } from '../parts/show';
import { attempt } from '../parts/Toast';
import { money } from '../money';
import { forViewer } from '../time';
import { buyerWords } from '../words/buyer';
import { told } from '../words/lang';
import { orderWords } from '../words/order';
import { payingWords } from '../words/paying';
import { shared } from '../words/shared';

const LOOK: Record<OrderState, string> = {
  placed: 'bg-[#f9ebcf] text-[#6d4300]', paid: 'bg-[#e3efe6] text-success', partly_shipped: 'bg-[#f9ebcf] text-[#6d4300]', shipped: 'bg-calico text-indigo',
  delivered: 'bg-base-300 text-base-content', cancelled: 'bg-base-300 text-base-content', refunded: 'bg-base-300 text-base-content',
};

const page = (cursor?: string) => get<PageOf<OrderListed>>(`/v1/orders?mine=true&limit=20${cursor ? `&cursor=${cursor}` : ''}`);

function Row({ order }: { order: OrderListed }) {
  const w = buyerWords.value;
  return (
    <li>
      <a href={`/orders/${order.id}`} class="panel flex gap-4 p-4 transition-shadow hover:shadow-lift" data-testid="order-row" data-state={order.state}>
        <Picture src={order.picture} alt="" class="size-24 shrink-0 overflow-hidden rounded-xl" />
        <span class="flex min-w-0 flex-1 flex-col">
          <span class="flex items-center justify-between gap-2 text-sm text-quiet"><span class="truncate">{told(order.merchant_name)}</span><span class={`tag ${LOOK[order.state] ?? 'bg-base-300'}`}>{orderWords.value.states[order.state] ?? order.state}</span></span>
          <span class="mt-0.5 line-clamp-2 leading-snug font-semibold">{told(order.title)}</span>
          <span class="text-sm text-quiet">{w.pieces(order.pieces)}</span>
          {order.dispute && order.dispute !== 'won' && <span class="mt-1"><ContestedTag dispute={order.dispute} buys /></span>}
          {order.owed.minor > 0 && <span class="text-sm font-semibold text-error" data-testid="owed">{orderWords.value.owed(money(order.owed))}</span>}
          <span class="mt-auto flex flex-wrap items-baseline justify-between gap-x-3"><span class="text-xs text-quiet">{forViewer(order.placed_at)}</span><span class="font-bold">{money(order.total)}</span></span>
        </span>
      </a>
    </li>
  );
}

function Orders() {
  const w = buyerWords.value;
  const asked = useAsked(() => page(), []);
  const [busy, load] = useState(false);
  async function more(known: PageOf<OrderListed>): Promise<void> {
    if (!known.next_cursor) return;
    load(true);
    const next = await attempt(() => page(known.next_cursor ?? undefined));
    if (next) asked.set({ items: [...known.items, ...next.items], next_cursor: next.next_cursor });
    load(false);
  }
  return (
    <Frame title={w.orders}>
      <div class="mx-auto max-w-3xl">
        <div class="mb-5 flex flex-wrap items-end justify-between gap-3">
          <h1 class="font-serif text-3xl font-semibold">{w.orders}</h1>
          <div class="flex flex-wrap gap-2">
            {signedIn.value && <a class="btn btn-quiet rounded-full" href="/account/payment-methods" data-testid="cards-link"><Icon name="card" size={18} />{payingWords.value.cards}</a>}
            <a class="btn btn-quiet rounded-full" href="/account/addresses"><Icon name="home" size={18} />{w.addresses}</a>
          </div>
        </div>
        <Waiting asked={asked}>
          {(found) => (
            <>
              {found.items.length === 0 && <div class="panel"><Empty icon="box" text={w.noOrders}><a href="/" class="btn btn-secondary rounded-full px-6">{w.toRooms}</a></Empty></div>}
              <ul class="flex flex-col gap-3">{found.items.map((order) => <Row key={order.id} order={order} />)}</ul>
              {found.next_cursor && <p class="mt-5 text-center"><button type="button" class="btn btn-quiet rounded-full px-8" disabled={busy} onClick={() => void more(found)}>{shared.value.more}</button></p>}
            </>
          )}
        </Waiting>
      </div>
    </Frame>
  );
}

show(Orders);
