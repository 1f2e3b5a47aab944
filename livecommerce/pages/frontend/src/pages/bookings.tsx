// The workbench: my bookings, the sessions made of them, and the latest orders.
import { useEffect, useState } from 'preact/hooks';
import { get, newKey, post } from '../api/http';
import { isStaff, loadMe, me } from '../api/me';
import type { BookingOut, LiveOut, OrderListed, PageOf } from '../api/wire';
import { Frame } from '../parts/Frame';
import { Icon } from '../parts/Icon';
import { Empty, Field, StatePill, useAsked, Waiting } from '../parts/pieces';
import { Picture } from '../parts/Picture';
import { Sheet } from '../parts/Sheet';
import { show } from '../parts/show';
import { attempt } from '../parts/Toast';
import { money } from '../money';
import { clockTime, dayAndTime } from '../time';
import { told } from '../words/lang';
import { consoleWords } from '../words/console';
import { orderWords } from '../words/order';
import { shared } from '../words/shared';

interface Work { lives: LiveOut[]; past: LiveOut[]; bookings: BookingOut[]; orders: OrderListed[] }

async function read(): Promise<Work> {
  const who = await loadMe();
  const merchants = who?.memberships.map((each) => each.merchant) ?? [];
  const scopes = isStaff.value || merchants.length === 0 ? [''] : merchants.map((each) => `&merchant=${each}`);
  const each = async <T,>(path: string) => {
    const pages = await Promise.all(scopes.map((scope) => get<PageOf<T>>(path + scope)));
    return pages.flatMap((page) => page.items);
  };
  const [lives, past, bookings, orders] = await Promise.all([
    each<LiveOut>('/v1/live?limit=50&state=draft,scheduled,ready,live,paused,interrupted'),
    each<LiveOut>('/v1/live?limit=12&state=ended,archived'),
    each<BookingOut>('/v1/bookings?'),
    get<PageOf<OrderListed>>('/v1/orders').then((page) => page.items, () => []),
  ]);
  const used = new Set([...lives, ...past].map((live) => live.booking));
  const unused = bookings.filter((booking) =>
    !used.has(booking.id) && ['held', 'confirmed', 'checked_in'].includes(booking.state)
    && Date.parse(booking.ends_at) > Date.now());
  const soonest = <T extends { starts_at: string }>(rows: T[]) =>
    rows.sort((a, b) => Date.parse(a.starts_at) - Date.parse(b.starts_at));
  const AIR = ['live', 'paused', 'interrupted'];
  const first = (live: LiveOut) => (AIR.includes(live.state) ? 0 : 1);
  return { lives: soonest(lives).sort((a, b) => first(a) - first(b)), past, bookings: soonest(unused), orders };
}

function Session({ live }: { live: LiveOut }) {
  const w = consoleWords.value;
  return (
    <li class="flex flex-wrap items-center gap-x-4 gap-y-2 rounded-2xl p-3 hover:bg-base-200" data-testid="session-row" data-live={live.id}>
      <Picture src={live.cover ?? live.avatar} class="size-16 shrink-0 overflow-hidden rounded-xl" />
      <div class="min-w-40 flex-1">
        <p class="flex flex-wrap items-center gap-2"><span class="font-semibold">{told(live.title)}</span><StatePill state={live.state} /></p>
        <p class="text-sm text-quiet">{dayAndTime(live.starts_at)}–{clockTime(live.ends_at)} · {told(live.merchant_name)}</p>
      </div>
      <div class="flex gap-1.5">
        <a class="btn btn-quiet btn-square" href={`/live/${live.id}/chain`} aria-label={`${w.chain}: ${told(live.title)}`} title={w.chain}><Icon name="link" size={18} /></a>
        <a class="btn btn-quiet btn-square" href={`/live/${live.id}`} aria-label={`${w.room}: ${told(live.title)}`} title={w.room}><Icon name="eye" size={18} /></a>
        <a class="btn btn-secondary" href={`/console/${live.id}`} data-testid="open-console">{w.openConsole}</a>
      </div>
    </li>
  );
}

function MakeSheet({ booking, onClose }: { booking: BookingOut; onClose: () => void }) {
  const w = consoleWords.value;
  const [title, put] = useState({ zh: booking.title?.zh ?? '', en: booking.title?.en ?? '' });
  const [busy, hold] = useState(false);
  async function make(): Promise<void> {
    hold(true);
    const made = await attempt(() => post<LiveOut>('/v1/live', { booking: booking.id, title }, newKey()));
    hold(false);
    if (made) location.assign(`/console/${made.id}`);
  }
  return (
    <Sheet open title={w.makeTitle} onClose={onClose} testid="make-sheet">
      <form
        class="flex flex-col gap-4 px-5 py-5"
        onSubmit={(event) => {
          event.preventDefault();
          void make();
        }}
      >
        <p class="rounded-xl bg-base-200 p-3 text-sm">
          <span class="font-semibold">{dayAndTime(booking.starts_at)}–{clockTime(booking.ends_at)}</span>
          <span class="block text-quiet">{booking.resources.map((each) => told(each.name)).join(' · ')}</span>
        </p>
        <Field label={w.titleZh}><input class="input" required maxLength={80} name="zh" value={title.zh} onInput={(event) => put({ ...title, zh: event.currentTarget.value })} /></Field>
        <Field label={w.titleEn}><input class="input" required maxLength={80} name="en" value={title.en} onInput={(event) => put({ ...title, en: event.currentTarget.value })} /></Field>
        <button type="submit" class="btn btn-primary text-base" disabled={busy} data-testid="create-live">{w.create}</button>
      </form>
    </Sheet>
  );
}

function Order({ order }: { order: OrderListed }) {
  const w = consoleWords.value;
  return (
    <li>
      <a href={`/orders/${order.id}`} class="flex items-center gap-3 rounded-2xl p-2 hover:bg-base-200" data-testid="order-row">
        <Picture src={order.picture} class="size-12 shrink-0 overflow-hidden rounded-lg" />
        <span class="min-w-0 flex-1">
          <span class="block truncate text-sm font-medium">{told(order.title)}</span>
          <span class="block text-xs text-quiet">{dayAndTime(order.placed_at)} · {w.pieces(order.pieces)} · {order.country}</span>
        </span>
        <span class="text-right">
          <span class="block text-sm font-semibold">{money(order.total)}</span>
          <span class="block text-xs text-quiet">{orderWords.value.states[order.state]}</span>
        </span>
      </a>
    </li>
  );
}

function Sections({ work }: { work: Work }) {
  const w = consoleWords.value;
  const wanted = new URL(location.href).searchParams.get('booking');
  const [making, make] = useState<BookingOut | null>(null);
  useEffect(() => {
    const found = work.bookings.find((booking) => booking.id === wanted);
    if (found) make(found);
  }, []);
  return (
    <div class="grid items-start gap-6 lg:grid-cols-[minmax(0,1.7fr)_minmax(0,1fr)]">
      <div class="flex min-w-0 flex-col gap-6">
        <section class="panel p-3" aria-labelledby="sessions-heading">
          <h2 id="sessions-heading" class="px-3 pt-2 pb-1 font-serif text-xl font-semibold">{w.sessions}</h2>
          {work.lives.length === 0 ? <Empty icon="mic" text={w.noSessions} /> : <ul>{work.lives.map((live) => <Session key={live.id} live={live} />)}</ul>}
        </section>
        {work.past.length > 0 && (
          <section class="panel p-3" aria-labelledby="past-heading">
            <h2 id="past-heading" class="px-3 pt-2 pb-1 font-serif text-xl font-semibold">{w.past}</h2>
            <ul>{work.past.map((live) => <Session key={live.id} live={live} />)}</ul>
          </section>
        )}
      </div>
      <div class="flex min-w-0 flex-col gap-6">
        <section class="panel p-3" aria-labelledby="bookings-heading">
          <h2 id="bookings-heading" class="px-3 pt-2 pb-1 font-serif text-xl font-semibold">{w.bookings}</h2>
          {work.bookings.length === 0 ? (
            <Empty icon="calendar" text={w.noBookings}><a class="btn btn-secondary" href="/roster">{w.bookStudio}</a></Empty>
          ) : (
            <ul>
              {work.bookings.map((booking) => (
                <li key={booking.id} class="flex flex-wrap items-center gap-3 rounded-2xl p-3 hover:bg-base-200" data-testid="booking-row" data-booking={booking.id}>
                  <span class="min-w-48 flex-1">
                    <span class="block text-sm font-semibold">{dayAndTime(booking.starts_at)}–{clockTime(booking.ends_at)}</span>
                    <span class="block truncate text-xs text-quiet">{booking.resources.map((each) => told(each.name)).join(' · ')}</span>
                  </span>
                  <button type="button" class="btn btn-primary" onClick={() => make(booking)} data-testid="make-live">{w.makeLive}</button>
                </li>
              ))}
            </ul>
          )}
        </section>
        <section class="panel p-3" aria-labelledby="orders-heading">
          <h2 id="orders-heading" class="px-3 pt-2 pb-1 font-serif text-xl font-semibold">{w.orders}</h2>
          {work.orders.length === 0 ? <Empty icon="box" text={w.noOrders} /> : <ul>{work.orders.slice(0, 8).map((order) => <Order key={order.id} order={order} />)}</ul>}
        </section>
      </div>
      {making && <MakeSheet booking={making} onClose={() => make(null)} />}
    </div>
  );
}

function Bookings() {
  const w = consoleWords.value;
  const asked = useAsked(read, []);
  const guest = me.value?.kind === 'guest';
  return (
    <Frame title={w.mine}>
      <div class="mb-5 flex flex-wrap items-end justify-between gap-3">
        <div>
          <h1 class="font-serif text-3xl font-semibold">{w.mine}</h1>
          <p class="mt-1 text-sm text-quiet">{w.mineLead}</p>
        </div>
        {!guest && <a class="btn btn-secondary" href="/roster"><Icon name="calendar" size={18} />{w.bookStudio}</a>}
      </div>
      {guest ? (
        <div class="panel"><Empty icon="lock" text={w.signIn}><a class="btn btn-secondary" href="/sign-in?next=/console">{shared.value.signIn}</a></Empty></div>
      ) : <Waiting asked={asked}>{(work) => <Sections work={work} />}</Waiting>}
    </Frame>
  );
}

show(Bookings);
