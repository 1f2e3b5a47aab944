// Paying, and waiting for the provider's word: the page itself never says that something is paid.
import { useEffect, useState } from 'preact/hooks';
import { isStaff } from '../api/me';
import { onPersonal } from '../api/personal';
import type { CheckoutOut } from '../api/wire';
import { money } from '../money';
import { owedLate } from '../orders/Late';
import { lang } from '../words/lang';
import { payingWords } from '../words/paying';
import { failureName } from '../words/provider';
import { roomWords } from '../words/room';
import { boot } from '../boot';
import { answerBank, Element, inWords } from './Element';
import { Countdown } from './pieces';
import { GiveUp } from './GiveUp';
import { Icon, type IconName } from './Icon';
import { OneTap } from './OneTap';
import { say } from './Toast';

const SETTLED = new Set(['paid', 'cancelled']);
const UNDER_WAY = new Set(['requires_action', 'processing', 'succeeded']); // what the sandbox's element says

/** Asks again until the checkout is settled; what the room is told privately makes it quicker. */
export function useFollowed(checkout: CheckoutOut | null, read: (id: string) => Promise<unknown>): void {
  const id = checkout?.id;
  const done = !checkout || SETTLED.has(checkout.state);
  const late = checkout?.state === 'late_refunded'; // its refund may still fail
  useEffect(() => {
    if (!id || done) return undefined;
    const look = () => void read(id).catch(() => undefined);
    const timer = setInterval(look, late ? 8000 : 1500);
    const stop = onPersonal((frame) => {
      if (!frame.checkout || frame.checkout === id) look();
    });
    return () => {
      clearInterval(timer);
      stop();
    };
  }, [id, done, late]);
}

function Ending({ icon, title, hint, good = false, orders }: {
  icon: IconName; title: string; hint: string; good?: boolean; orders: string[];
}) {
  const w = roomWords.value;
  return (
    <div class="px-6 py-10 text-center" data-testid={good ? 'paid' : 'not-paid'}>
      <span class={`settle mx-auto grid size-20 place-items-center rounded-full ${good ? 'bg-[#e3efe6] text-success' : 'bg-base-200 text-quiet'}`}><Icon name={icon} size={38} /></span>
      <p class="mt-4 font-serif text-2xl font-semibold">{title}</p>
      <p class="mx-auto mt-2 max-w-xs text-sm leading-relaxed text-quiet">{hint}</p>
      <div class="mt-5 flex flex-wrap justify-center gap-2">
        {orders.map((order) => (
          <a key={order} class="btn btn-quiet rounded-full px-6" href={`/orders/${order}`} data-testid="order-link">{w.seeOrder}</a>
        ))}
      </div>
    </div>
  );
}

function Pending({ title, hint, testid }: { title: string; hint: string; testid: string }) {
  return (
    <div class="px-6 py-14 text-center" role="status" data-testid={testid}>
      <span class="loading loading-ring loading-xl text-secondary" />
      <p class="mt-3 font-serif text-xl font-semibold">{title}</p>
      <p class="mx-auto mt-2 max-w-xs text-sm leading-relaxed text-quiet">{hint}</p>
    </div>
  );
}

/** ``onChange`` hears what the checkout has become when the buyer gives it up. */
export function Payment({ checkout, onChange }: { checkout: CheckoutOut; onChange: (told: CheckoutOut) => void }) {
  const w = roomWords.value;
  const [answered, claimPaid] = useState(false);
  const [height, grow] = useState(420);
  const [round, look] = useState(0);
  const [busy, mark] = useState({ tap: false, element: false, sends: false, status: '' });
  const { page, client_secret: secret } = checkout.payment;

  // What the element says hastens the look; only the checkout's own state is believed.
  useEffect(() => {
    const heard = (event: MessageEvent<{ type?: string; status?: string; height?: number; busy?: boolean } | null>) => {
      if (event.origin !== location.origin || !event.data) return;
      const { type, status, height } = event.data;
      if (type === 'payment' && status === 'succeeded') setTimeout(() => claimPaid(true), 900);
      if (type === 'payment') mark((before) => ({ ...before, status: status ?? '' }));
      if (type === 'busy') mark((before) => ({ ...before, sends: event.data?.busy ?? false }));
      if (type === 'size' && height) grow(Math.min(900, Math.max(320, height)));
    };
    addEventListener('message', heard);
    return () => removeEventListener('message', heard);
  }, []);

  const { state, orders } = checkout;
  if (state === 'paid') return <Ending icon="check" title={w.paid} hint={w.paidHint} orders={orders} good />;
  if (state === 'cancelled' && checkout.payment.state === 'refused') {
    return <Ending icon="close" title={w.notAccepted} hint={w.notAcceptedHint(failureName(checkout.payment.failure ?? 'unknown'))} orders={orders} />;
  }
  if (state === 'cancelled') return <Ending icon="close" title={w.cancelled} hint={w.cancelledHint} orders={orders} />;
  if (state === 'late_refunded' && checkout.owed.minor > 0) return <Ending icon="refresh" title={w.refundFailed} hint={owedLate(checkout)} orders={orders} />;
  if (state === 'late_refunded') return <Ending icon="refresh" title={w.refunded} hint={w.refundedHint} orders={orders} />;
  if (state === 'cancelling') return <Pending title={payingWords.value.cancelling} hint={payingWords.value.cancellingHint} testid="cancelling" />;
  if (answered) return <Pending title={w.confirming} hint={w.confirmingHint} testid="confirming" />;
  const underWay = busy.tap || busy.element || busy.sends || UNDER_WAY.has(busy.status) || checkout.payment.state === 'processing';
  // The secret is told to the buyer alone; before there is one, staff are the only others who see this.
  const giveUp = (secret || !isStaff.value) && <GiveUp checkout={checkout} underWay={underWay} onChange={onChange} />;
  const elsewhere = !page && checkout.payment.provider === 'stripe' && secret;
  if (elsewhere && !boot.stripe) {
    // Scripts of the provider run on the checkout's own page, and nowhere else.
    return (
      <div class="px-6 py-12 text-center">
        <p class="font-serif text-2xl font-bold">{money(checkout.total)}</p>
        <a class="btn btn-primary mt-4" href={`/checkout/${checkout.id}`} target="_blank" rel="noopener" data-testid="pay-there">{w.payThere}</a>
        <p class="mx-auto mt-3 mb-2 max-w-xs text-sm text-quiet">{w.payThereHint}</p>
        {giveUp}
      </div>
    );
  }
  if (!page && !elsewhere) {
    return (
      <div class="px-6 py-16 text-center" role="status">
        <span class="loading loading-dots loading-lg text-secondary" />
        <p class="mt-2 text-sm text-quiet">{checkout.payment.ahead > 0 ? w.ahead(checkout.payment.ahead, checkout.payment.ready_in_s ?? 1) : w.preparing}</p>
        <div class="mt-3">{giveUp}</div>
      </div>
    );
  }
  // After a tap: Stripe asks in a window of its own, the sandbox in its element, which looks again.
  async function asked(): Promise<boolean> {
    if (!elsewhere) {
      mark((before) => ({ ...before, sends: false }));
      look((n) => n + 1);
      return true;
    }
    const wrong = await answerBank(secret ?? '').catch(() => ({ type: 'api_connection_error' }));
    if (wrong) say(inWords(wrong, w), true);
    else claimPaid(true);
    return false;
  }
  const query = new URLSearchParams({
    lang: lang.value === 'en' ? 'en' : 'zh',
    return_url: `/checkout/${checkout.id}`,
  });
  // In the fragment, which is in no request, no log and no referrer.
  const src = `${page}?${query}#${new URLSearchParams({ client_secret: secret ?? '' })}`;
  return (
    <div class="flex h-full flex-col">
      <div class="flex items-center justify-between px-4 py-2 text-sm">
        <span class="font-serif text-lg font-bold">{money(checkout.total)}</span>
        {checkout.pay_by && <span class="inline-flex items-center gap-1 text-quiet"><Icon name="clock" size={16} />{w.payBy} <Countdown until={checkout.pay_by} class="font-semibold text-base-content" /></span>}
      </div>
      <OneTap checkout={checkout} paid={() => claimPaid(true)} asked={asked} onBusy={(tap) => mark((before) => ({ ...before, tap }))} />
      {elsewhere
        ? <Element key={round} secret={secret} returnUrl={`${location.origin}/checkout/${checkout.id}`} onConfirmed={() => claimPaid(true)} onBusy={(element) => mark((before) => ({ ...before, element }))} />
        : <iframe key={round} src={src} title={w.payFrame} class="w-full border-0" style={{ height: `${height}px` }} data-testid="pay-frame" />}
      <div class="flex flex-wrap justify-center gap-x-2 py-3">
        <button type="button" class="btn btn-ghost" onClick={() => claimPaid(true)} data-testid="i-paid">{w.iPaid}</button>
        {giveUp}
      </div>
    </div>
  );
}
