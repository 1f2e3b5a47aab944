// The centre's day: who occupies what, and booking what is free.
import { useEffect, useState } from 'preact/hooks';
import { get, Problem, remove, post } from '../api/http';
import { me } from '../api/me';
import type { BookingOut } from '../api/wire';
import { Frame } from '../parts/Frame';
import { Icon } from '../parts/Icon';
import { Empty, Id, useAsked, useWide, Waiting } from '../parts/pieces';
import { Sheet } from '../parts/Sheet';
import { show } from '../parts/show';
import { attempt, say } from '../parts/Toast';
import { centreDay, centreMoment, clockTime, dayAndTime, longDay } from '../time';
import { told } from '../words/lang';
import { problemText } from '../words/problems';
import { rosterWords } from '../words/roster';
import { shared } from '../words/shared';
import { BookingForm } from '../roster/BookingForm';
import { Grid } from '../roster/Grid';
import { day, failed, formOpen, goTo, load, roster, shiftDay } from '../roster/store';

function DayBar() {
  const w = rosterWords.value;
  return (
    <div class="flex flex-wrap items-center gap-2">
      <div class="flex items-center gap-1">
        <button type="button" class="btn btn-quiet btn-square" aria-label={w.previous} onClick={() => shiftDay(-1)} data-testid="previous-day"><Icon name="left" /></button>
        <input class="input w-auto" type="date" aria-label={w.day} value={day.value} onInput={(event) => event.currentTarget.value && goTo(event.currentTarget.value)} data-testid="day" />
        <button type="button" class="btn btn-quiet btn-square" aria-label={w.next} onClick={() => shiftDay(1)} data-testid="next-day"><Icon name="right" /></button>
      </div>
      <button type="button" class="btn btn-quiet" onClick={() => goTo(centreDay(Date.now()))}>{w.today}</button>
    </div>
  );
}

function Legend() {
  const w = rosterWords.value;
  const items: [string, string][] = [
    ['bg-indigo', w.yours], ['bg-[#cbbda8]', w.others], ['bg-[repeating-linear-gradient(135deg,#e3d6c2_0_3px,#f7f1e7_3px_6px)]', w.closed],
  ];
  return (
    <ul class="flex flex-wrap gap-x-4 gap-y-1 text-xs text-quiet" aria-label={w.legend}>
      {items.map(([look, label]) => (
        <li key={label} class="flex items-center gap-1.5"><span class={`size-3.5 rounded border border-black/10 ${look}`} />{label}</li>
      ))}
    </ul>
  );
}

function Details({ id, onClose }: { id: string; onClose: () => void }) {
  const w = rosterWords.value;
  const asked = useAsked(() => get<BookingOut>(`/v1/bookings/${id}`), [id]);
  async function change(work: () => Promise<unknown>, done: string): Promise<void> {
    await work();
    say(done);
    onClose();
    await load();
  }
  return (
    <Sheet open drawer title={w.detail} onClose={onClose} testid="booking-sheet">
      <div class="px-5 py-4">
        <Waiting asked={asked}>
          {(booking) => (
            <>
              <p class="font-serif text-xl font-semibold">{told(booking.title) || told(booking.merchant_name)}</p>
              <p class="mt-1 text-sm">{dayAndTime(booking.starts_at)}–{clockTime(booking.ends_at)}</p>
              <p class="text-sm text-quiet">{told(booking.merchant_name)} · {w.states[booking.state] ?? booking.state}</p>
              <p class="mt-2"><Id id={booking.id} /></p>
              <p class="eyebrow mt-5">{w.takes}</p>
              <ul class="mt-1 divide-y divide-dashed divide-base-300 text-sm">
                {booking.resources.map((each) => (
                  <li key={each.id} class="flex justify-between gap-3 py-2"><span>{told(each.name)}</span><span class="text-quiet">{clockTime(each.during.starts_at)}–{clockTime(each.during.ends_at)}</span></li>
                ))}
              </ul>
              <div class="mt-6 flex flex-col gap-2">
                <a class="btn btn-secondary" href={`/console?booking=${booking.id}`}>{w.makeLive}</a>
                {booking.state === 'confirmed' && (
                  <>
                    <button type="button" class="btn btn-quiet" onClick={() => void attempt(() => change(() => post(`/v1/bookings/${id}/check-in`), w.checkedIn))}>{w.checkIn}</button>
                    <button type="button" class="btn btn-quiet text-error" onClick={() => void attempt(() => change(() => remove(`/v1/bookings/${id}`), w.cancelled))} data-testid="cancel-booking">{w.cancelBooking}</button>
                  </>
                )}
              </div>
            </>
          )}
        </Waiting>
      </div>
    </Sheet>
  );
}

function Roster() {
  const w = rosterWords.value;
  const wide = useWide();
  const [opened, open] = useState(() => new URL(location.href).searchParams.get('booking'));
  useEffect(() => {
    formOpen.value = wide;
  }, [wide]);
  useEffect(() => void load(), []);
  useEffect(() => {
    const timer = setInterval(() => void load(), 20_000);
    return () => clearInterval(timer);
  }, []);
  const error = failed.value;
  const guest = (error instanceof Problem && error.status === 401) || (error && me.value?.kind === 'guest');
  return (
    <Frame title={w.title} wide>
      <div class="mb-4 flex flex-wrap items-end justify-between gap-4">
        <div>
          <h1 class="font-serif text-3xl font-semibold">{w.title}</h1>
          <p class="mt-1 text-sm text-quiet">{longDay(centreMoment(day.value, 720))} · {w.zone}</p>
        </div>
        <DayBar />
      </div>
      {error && !roster.value ? (
        <div class="panel">
          <Empty icon={guest ? 'lock' : 'alert'} text={guest ? w.signIn : problemText(error)}>
            {guest ? <a class="btn btn-secondary" href="/sign-in?next=/roster">{shared.value.signIn}</a> : <button type="button" class="btn btn-quiet" onClick={() => void load()}>{shared.value.retry}</button>}
          </Empty>
        </div>
      ) : (
        <div class="grid items-start gap-5 lg:grid-cols-[minmax(0,1fr)_22rem]">
          <div class="min-w-0">
            <Grid onOpen={open} />
            <div class="mt-3 flex flex-wrap justify-between gap-2"><Legend /><p class="text-xs text-quiet">{w.lead}</p></div>
          </div>
          {wide && (
            <section class="panel sticky top-20 max-h-[calc(100dvh-6rem)] overflow-y-auto p-5 thin-bar" aria-labelledby="book-heading" tabIndex={0}>
              <h2 id="book-heading" class="mb-4 font-serif text-xl font-semibold">{w.book}</h2>
              <BookingForm />
            </section>
          )}
        </div>
      )}
      {!wide && !error && (
        <div class="sticky bottom-0 z-20 -mx-4 mt-4 bg-gradient-to-t from-base-200 via-base-200 to-transparent px-4 pt-4 pb-[max(1rem,env(safe-area-inset-bottom))]">
          <button type="button" class="btn btn-primary btn-block rounded-full text-base" onClick={() => (formOpen.value = true)} data-testid="open-form">{w.book}</button>
        </div>
      )}
      {!wide && (
        <Sheet open={formOpen.value} title={w.book} onClose={() => (formOpen.value = false)} testid="booking-sheet-form">
          <div class="px-5 py-4"><BookingForm /></div>
        </Sheet>
      )}
      {opened && <Details id={opened} onClose={() => open(null)} />}
    </Frame>
  );
}

show(Roster);
