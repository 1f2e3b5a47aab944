// One order, frozen as it was placed: what, from whom, at which landed cost, where it is now.
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { idOf } from '../boot';
import { get, newKey, post } from '../api/http';
import { isStaff, me, memberOf } from '../api/me';
import type { OrderLine, OrderOut, OrderState } from '../api/wire';
import { Afterwards } from '../orders/Afterwards';
import { canCancel } from '../orders/Cancel';
import { named } from '../orders/Pieces';
import { Asked, Contested, left } from '../orders/Contested';
import { Owing } from '../orders/Owing';
import { PaidLate } from '../orders/Late';
import { RefundForm, ShipForm } from '../orders/ShipForm';
import { Declaration } from '../parts/Declaration';
import { Frame } from '../parts/Frame';
import { Messages } from '../parts/Messages';
import { Icon } from '../parts/Icon';
import { Id, useAsked, Waiting } from '../parts/pieces';
import { Picture } from '../parts/Picture';
import { Quote } from '../parts/Quote';
import { show } from '../parts/show';
import { attempt, say } from '../parts/Toast';
import { money } from '../money';
import { forViewer } from '../time';
import { afterwards, whyRefunded } from '../words/afterwards';
import { told } from '../words/lang';
import { orderWords } from '../words/order';

const id = idOf('order');
const REACHED: Record<OrderState, number> = { placed: 0, paid: 1, partly_shipped: 2, shipped: 2, delivered: 3, cancelled: -1, refunded: -1 };

function Steps({ state }: { state: OrderState }) {
  const w = orderWords.value;
  const reached = REACHED[state];
  if (reached < 0) return <p class="tag bg-base-300 px-4 py-1 text-sm" data-testid="order-ended" data-state={state}>{w.states[state]}</p>;
  const partly = state === 'partly_shipped';
  return (
    <ol class="flex w-full" data-testid="order-steps" data-state={state}>
      {w.steps.map((step, index) => {
        const done = index <= reached && !(partly && index === reached);
        const here = index === reached;
        return (
          <li key={step} class="relative flex flex-1 flex-col items-center gap-1.5" aria-current={here ? 'step' : undefined}>
            {index > 0 && <span class={`absolute top-4 right-1/2 h-0.5 w-full ${done ? 'bg-success' : 'bg-base-300'}`} />}
            <span class={`relative z-10 grid size-8 place-items-center rounded-full text-sm font-bold ${done ? 'bg-success text-white' : 'border border-base-300 bg-base-100 text-quiet'}`}>
              {done ? <Icon name="check" size={17} /> : index + 1}
            </span>
            <span class={`text-center text-xs ${here ? 'font-bold' : 'text-quiet'}`}>{here && partly ? w.states[state] : step}</span>
          </li>
        );
      })}
    </ol>
  );
}

function Panel({ title, children, testid, id }: { title: string; children: ComponentChildren; testid?: string; id?: string }) {
  return (
    <section id={id} class="panel scroll-mt-32 p-5" aria-label={title} data-testid={testid}>
      <h2 class="mb-3 font-serif text-xl font-semibold">{title}</h2>
      {children}
    </section>
  );
}

function Goods({ order }: { order: OrderOut }) {
  const w = orderWords.value;
  return (
    <Panel title={w.goods} testid="order-goods">
      <ul class="divide-y divide-dashed divide-base-300">
        {order.lines.map((line) => (
          <li key={line.id} class="flex gap-4 py-3 first:pt-0">
            <Picture src={line.snapshot.picture} alt={told(line.snapshot.title)} class="size-24 shrink-0 overflow-hidden rounded-xl" />
            <div class="min-w-0 flex-1">
              <p class="leading-snug font-semibold">{told(line.snapshot.title)}</p>
              <p class="mt-0.5 text-sm text-quiet">{Object.values(line.snapshot.values).map(told).join(' · ')}</p>
              <p class="text-xs text-quiet">SKU {line.sku} · HS {line.snapshot.hs_code}</p>
              <p class="mt-1.5 flex flex-wrap items-baseline gap-x-3" data-testid="line-cost"><span class="text-sm text-quiet">{w.each(money(line.unit_price), line.count)}</span><span class="font-semibold">{money(line.goods)}</span></p>
              <Standing line={line} />
              {line.offers.map((offer) => <p key={offer.id} class="text-xs font-medium text-success" data-testid="line-offer" data-kind={offer.kind}>{told(offer.reason)} −{money(offer.amount)}</p>)}
              {order.live && line.segment && (
                <a class="mt-1 inline-flex min-h-9 items-center gap-1 text-sm font-semibold text-indigo" href={`/live/${order.live}?segment=${line.segment}`}><Icon name="play" size={15} />{w.watchAgain}</a>
              )}
            </div>
          </li>
        ))}
      </ul>
      {order.lines[0] && <p class="mt-1 text-xs text-quiet">{w.snapshot(forViewer(order.lines[0].snapshot.taken_at))}</p>}
    </Panel>
  );
}

function Standing({ line }: { line: OrderLine }) {
  const w = afterwards.value;
  const counts = [[line.shipped, w.standing.shipped], [line.cancelled, w.standing.cancelled], [line.returned, w.standing.returned]] as const;
  const said = counts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  if (line.replaces) said.unshift(w.standing.replacement);
  return said.length > 0 ? <p class="text-xs font-medium text-accent" data-testid="standing">{said.join(' · ')}</p> : null;
}

function Parcels({ order, again }: { order: OrderOut; again: () => void }) {
  const w = orderWords.value;
  const mine = memberOf(order.merchant) || isStaff.value;
  const canShip = canCancel(order);
  const arrived = (parcel: string) => attempt(async () => {
    await post(`/v1/consignments/${parcel}/delivery`, {}, newKey());
    say(afterwards.value.arrivedDone);
    again();
  });
  return (
    <Panel title={w.parcels} testid="parcels">
      {order.consignments.length === 0 && !(mine && canShip) && <p class="text-sm text-quiet">{w.noParcels}</p>}
      {order.consignments.map((parcel) => (
        <div key={parcel.id} class="mb-4" data-testid="consignment">
          <p class="flex items-center gap-2 text-sm font-semibold"><Icon name="truck" size={20} class="shrink-0" /><span class="min-w-0 break-all">{parcel.carrier} · {parcel.tracking}</span></p>
          <p class="text-xs text-quiet">{forViewer(parcel.shipped_at)} · {parcel.weight_g} g{parcel.delivered_at && ` · ${afterwards.value.arrivedAt(forViewer(parcel.delivered_at))}`}</p>
          {order.consignments.length > 1 && parcel.lines.map((each) => <p key={each.line} class="text-xs text-quiet">{each.count} × {named(order, each.line)}</p>)}
          <p class="flex flex-wrap gap-x-4">
            {parcel.link && <a class="inline-flex min-h-9 items-center gap-1 text-sm font-semibold text-indigo" href={parcel.link} target="_blank" rel="noopener noreferrer"><Icon name="external" size={15} />{afterwards.value.follow}</a>}
            {mine && !parcel.delivered_at && <button type="button" class="inline-flex min-h-9 items-center gap-1 text-sm font-semibold text-indigo" data-testid="delivered" onClick={() => void arrived(parcel.id)}><Icon name="check" size={15} />{afterwards.value.arrived}</button>}
          </p>
          {parcel.declaration && mine && <div class="mt-3 rounded-2xl border border-base-300 p-3"><Declaration id={parcel.declaration} /></div>}
        </div>
      ))}
      {mine && canShip && <ShipForm key={order.consignments.length} order={order} onDone={again} />}
    </Panel>
  );
}

/** Those whose work it is to read what buyers write. */
function speaks(order: OrderOut): boolean {
  const staff = me.value?.staff ?? [];
  return order.buyer === me.value?.id || memberOf(order.merchant, 'assistant', 'finance')
    || staff.some((role) => ['operator', 'compliance', 'finance', 'admin'].includes(role));
}

function Body({ order, again }: { order: OrderOut; again: () => void }) {
  const w = orderWords.value;
  const mine = memberOf(order.merchant) || isStaff.value;
  const { address } = order;
  const open = order.state === 'placed';
  return (
    <>
      <div class="mb-6 flex flex-wrap items-end justify-between gap-4">
        <div>
          <h1 class="font-serif text-3xl font-semibold">{w.title}</h1>
          <p class="mt-1 flex flex-wrap items-center gap-2 text-sm text-quiet">{w.placedAt} {forViewer(order.placed_at)} <Id id={order.id} /></p>
        </div>
        {open && !mine && <a class="btn btn-primary rounded-full px-6" href={`/checkout/${order.checkout}`}>{w.continuePay}</a>}
      </div>
      <div class="panel mb-5 px-3 py-5"><Steps state={order.state} /></div>
      <Contested order={order} />
      <Asked order={order} />
      <Owing order={order} />
      <PaidLate order={order} />
      <div class="grid grid-cols-[minmax(0,1fr)] items-start gap-5 lg:grid-cols-[minmax(0,1.25fr)_minmax(0,1fr)]">
        <div class="flex flex-col gap-5">
          <Goods order={order} />
          <Parcels order={order} again={again} />
          {speaks(order) && <Messages order={order.id} />}
          <Afterwards order={order} again={again} />
        </div>
        <div class="flex flex-col gap-5">
          <Panel title={w.cost}><Quote quote={order.quote} named={(variant) => told(order.lines.find((line) => line.variant === variant)?.snapshot.title) || undefined} /></Panel>
          <Panel title={w.seller}>
            <p class="font-semibold">{told(order.seller.legal_name)}</p>
            <p class="text-sm text-quiet">{told(order.seller.address)}</p>
            <p class="mt-1 text-xs text-quiet">USCC {order.seller.uscc}{order.seller.licence && ` · ${order.seller.licence}`}</p>
          </Panel>
          <Panel title={w.address}>
            {!address && <p class="text-sm text-quiet">{w.addressKept(order.country)}</p>}
            {address && <address class="text-sm leading-relaxed not-italic">
              {address.name}<br />{address.line1}{address.line2 && <><br />{address.line2}</>}<br />
              {address.postcode} {address.city}{address.region && `, ${address.region}`}, {address.country}<br />{address.phone} · {order.email}
            </address>}
          </Panel>
          {(order.refunds.length > 0 || (mine && ['paid', 'partly_shipped', 'shipped', 'delivered'].includes(order.state))) && (
            <Panel title={w.refund} testid="refunds" id="refunds">
              <ul>
                {order.refunds.map((refund) => (
                  <li key={refund.id} class="flex justify-between gap-3 py-1.5 text-sm">
                    <span class="min-w-0 break-words">{whyRefunded(refund.reason)}{refund.outside && <span class="block text-xs text-quiet" data-testid="paid-by-bank">{w.paidByBank(refund.outside)}</span>}</span>
                    <span class="font-semibold whitespace-nowrap">{money(refund.amount)} · {w.refundStates[refund.state]}</span>
                  </li>
                ))}
              </ul>
              {mine && order.state !== 'refunded' && left(order) > 0 && <RefundForm order={order} onDone={again} />}
              {mine && order.disputed.minor > 0 && left(order) <= 0 && <p class="text-sm text-quiet">{w.contested.nothingLeft}</p>}
            </Panel>
          )}
        </div>
      </div>
    </>
  );
}

function Order() {
  const w = orderWords.value;
  const asked = useAsked(() => get<OrderOut>(`/v1/orders/${id}`), []);
  useEffect(() => {
    const timer = setInterval(asked.again, 8000);
    return () => clearInterval(timer);
  }, []);
  return (
    <Frame title={w.title}>
      <Waiting asked={asked}>{(order) => <Body order={order} again={asked.again} />}</Waiting>
    </Frame>
  );
}

show(Order);
