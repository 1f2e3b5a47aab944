// What the link in the receipt's mail opens: the orders of one purchase, to be read.
import { useState } from 'preact/hooks';
import type { ReceiptOut } from '../api/buyer';
import { post, Problem } from '../api/http';
import type { OrderOut } from '../api/wire';
import { Frame } from '../parts/Frame';
import { Icon } from '../parts/Icon';
import { Lines } from '../parts/Messages';
import { Field, Id, useAsked, Waiting } from '../parts/pieces';
import { Picture } from '../parts/Picture';
import { show } from '../parts/show';
import { attempt, say } from '../parts/Toast';
import { money } from '../money';
import { forViewer } from '../time';
import { buyerWords } from '../words/buyer';
import { told } from '../words/lang';
import { orderWords } from '../words/order';

// The token stands behind the #, which no browser sends: it goes out in a body, and nowhere else.
const token = location.hash.slice(1);

async function open(): Promise<ReceiptOut | null> {
  if (!token) return null;
  try {
    return await post<ReceiptOut>('/v1/receipts', { token });
  } catch (error) {
    if (error instanceof Problem && (error.status === 404 || error.status === 422)) return null;
    throw error;
  }
}

function Order({ order, receipt }: { order: OrderOut; receipt: ReceiptOut }) {
  const w = orderWords.value;
  const b = buyerWords.value;
  const thread = receipt.threads.find((each) => each.order === order.id);
  return (
    <section class="panel p-5" aria-label={told(order.seller.name)} data-testid="receipt-order" data-state={order.state}>
      <div class="flex flex-wrap items-center justify-between gap-2">
        <h2 class="font-serif text-xl font-semibold">{told(order.seller.name)}</h2>
        <span class="tag bg-[#e3efe6] text-success">{w.states[order.state] ?? order.state}</span>
      </div>
      <p class="mt-1 text-sm text-quiet">{w.placedAt} {forViewer(order.placed_at)} <Id id={order.id} /></p>
      <ul class="mt-3 divide-y divide-dashed divide-base-300">
        {order.lines.map((line) => (
          <li key={line.id} class="flex gap-3 py-3">
            <Picture src={line.snapshot.picture} alt="" class="size-20 shrink-0 overflow-hidden rounded-xl" />
            <div class="min-w-0 flex-1">
              <p class="text-sm leading-snug font-semibold">{told(line.snapshot.title)}</p>
              <p class="text-sm text-quiet">{Object.values(line.snapshot.values).map(told).join(' · ')}</p>
              <p class="mt-1 text-sm"><span class="font-semibold">{money(line.goods)}</span> <span class="text-quiet">× {line.count}</span></p>
            </div>
          </li>
        ))}
      </ul>
      <p class="rule flex justify-between pt-3 font-semibold"><span>{b.total}</span><span>{money(order.total)}</span></p>
      {order.consignments.map((parcel) => (
        <p key={parcel.id} class="mt-3 flex items-center gap-2 text-sm"><Icon name="truck" size={18} class="shrink-0" /><span class="min-w-0 break-all">{parcel.carrier} · {parcel.tracking} · {forViewer(parcel.shipped_at)}</span></p>
      ))}
      {order.consignments.length === 0 && <p class="mt-3 text-sm text-quiet">{w.noParcels}</p>}
      {thread && thread.messages.length > 0 && <div class="mt-4 rounded-2xl border border-base-300 p-4"><h3 class="eyebrow mb-2">{b.messages}</h3><Lines thread={thread} /></div>}
    </section>
  );
}

function Again() {
  const w = buyerWords.value;
  const [order, number] = useState('');
  const [email, mail] = useState('');
  async function send(event: Event): Promise<void> {
    event.preventDefault();
    await attempt(async () => {
      await post('/v1/receipts/mail', { order: order.trim(), email: email.trim() });
      say(w.linkSent);
    });
  }
  return (
    <div class="panel mx-auto max-w-lg p-6" data-testid="link-bad">
      <h1 class="font-serif text-2xl font-semibold">{w.linkBad}</h1>
      <p class="mt-2 text-sm leading-relaxed text-quiet">{w.linkBadHint}</p>
      <form class="mt-4 flex flex-col gap-3" onSubmit={(event) => void send(event)}>
        <Field label={w.orderNumber}><input class="input" name="order" required maxLength={64} placeholder="ord_…" value={order} onInput={(event) => number(event.currentTarget.value)} /></Field>
        <Field label={w.email}><input class="input" type="email" name="email" required maxLength={254} autocomplete="email" value={email} onInput={(event) => mail(event.currentTarget.value)} /></Field>
        <button type="submit" class="btn btn-primary rounded-full" data-testid="send-link">{w.sendLink}</button>
      </form>
    </div>
  );
}

function Receipt() {
  const w = buyerWords.value;
  const asked = useAsked(async () => ({ receipt: await open() }), []);
  return (
    <Frame title={w.receipt}>
      <Waiting asked={asked}>
        {({ receipt }) => (receipt ? (
          <div class="mx-auto max-w-3xl">
            <div class="mb-5 flex flex-wrap items-end justify-between gap-3">
              <div>
                <h1 class="font-serif text-3xl font-semibold">{w.receipt}</h1>
                <p class="mt-1 text-sm text-quiet">{w.receiptFor} {w.goodUntil(forViewer(receipt.good_until))}</p>
              </div>
              <p class="font-serif text-2xl font-bold">{money(receipt.total)}</p>
            </div>
            <div class="flex flex-col gap-5">{receipt.orders.map((order) => <Order key={order.id} order={order} receipt={receipt} />)}</div>
            <p class="mt-5 flex items-center gap-2 text-sm text-quiet"><Icon name="info" size={18} />{w.signInToWrite}</p>
          </div>
        ) : <Again />)}
      </Waiting>
    </Frame>
  );
}

show(Receipt);
