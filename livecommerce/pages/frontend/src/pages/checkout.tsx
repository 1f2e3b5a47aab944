// Where a payment page returns to. It confirms nothing by itself: it follows the checkout.
import { useEffect, useState } from 'preact/hooks';
import { idOf } from '../boot';
import { get } from '../api/http';
import type { CheckoutOut, OrderOut } from '../api/wire';
import { LateOwed } from '../orders/Late';
import { Frame } from '../parts/Frame';
import { useAsked, Waiting } from '../parts/pieces';
import { Payment, useFollowed } from '../parts/Payment';
import { Quote } from '../parts/Quote';
import { show } from '../parts/show';
import { told } from '../words/lang';
import { orderWords } from '../words/order';

const id = idOf('checkout');

interface Read { checkout: CheckoutOut; orders: OrderOut[] }

/** The quote knows variants; what they are called stands in the orders. */
async function read(): Promise<Read> {
  const checkout = await get<CheckoutOut>(`/v1/checkouts/${id}`);
  const orders = await Promise.all(checkout.orders.map((order) => get<OrderOut>(`/v1/orders/${order}`)));
  return { checkout, orders };
}

function named(orders: OrderOut[], variant: string): string | undefined {
  const snapshot = orders.flatMap((order) => order.lines).find((line) => line.variant === variant)?.snapshot;
  return snapshot && `${told(snapshot.title)} (${Object.values(snapshot.values).map(told).join(' · ')})`;
}

function Checkout() {
  const w = orderWords.value;
  const asked = useAsked(read, []);
  const [latest, put] = useState<CheckoutOut | null>(null);
  useEffect(() => put(asked.data?.checkout ?? null), [asked.data]);
  useFollowed(latest, async (known) => put(await get<CheckoutOut>(`/v1/checkouts/${known}`)));
  return (
    <Frame title={w.checkoutTitle}>
      <h1 class="sr-only">{w.checkoutTitle}</h1>
      <Waiting asked={asked}>
        {(first) => {
          const checkout = latest ?? first.checkout;
          return (
            <div class="mx-auto grid max-w-4xl items-start gap-5 lg:grid-cols-2">
              <div class="panel overflow-hidden">
                <Payment checkout={checkout} onChange={put} />
                <LateOwed checkout={checkout} onDone={(after) => put(after)} />
                {checkout.live && <p class="px-5 pb-5 text-center"><a class="btn btn-ghost" href={`/live/${checkout.live}`}>{w.backToRoom}</a></p>}
              </div>
              <section class="panel p-5" aria-labelledby="cost-heading">
                <h2 id="cost-heading" class="mb-3 font-serif text-xl font-semibold">{w.cost}</h2>
                <Quote quote={checkout.quote} named={(variant) => named(first.orders, variant)} />
              </section>
            </div>
          );
        }}
      </Waiting>
    </Frame>
  );
}

show(Checkout);
