// Stripe's own payment element, with real keys. Card data never touches us: the fields are Stripe's
// frames, and what is typed there goes to Stripe. What it answers is no proof that anything is paid.
import { useEffect, useRef, useState } from 'preact/hooks';
import { boot } from '../boot';
import { lang } from '../words/lang';
import { roomWords } from '../words/room';
import { Icon } from './Icon';
import { openStripe, type Confirmed, type Elements, type Stripe, type StripeError } from './stripe';

const UNDER_WAY = new Set(['succeeded', 'processing', 'requires_capture']);

type RoomWords = typeof roomWords.value;

/** What a person can do about it. Stripe says card errors in the page's language itself. */
export function inWords(error: StripeError, w: RoomWords): string {
  if (error.type === 'validation_error') return error.message ?? w.incomplete;
  if (error.type === 'card_error') return error.message ?? w.notPaid;
  if (error.code === 'payment_intent_unexpected_state') return w.elementGone;
  if (error.type === 'api_connection_error') return w.elementAway;
  return w.notPaid;
}

/** Lets the buyer answer their bank, in a window of Stripe's over the page; what went wrong, if anything. */
export async function answerBank(secret: string): Promise<StripeError | null> {
  const stripe = await openStripe(boot.stripe?.key ?? '', lang.value === 'en' ? 'en' : 'zh');
  const told = await stripe.handleNextAction({ clientSecret: secret });
  if (told.error) return told.error;
  return UNDER_WAY.has(told.paymentIntent?.status ?? '') ? null : { type: 'api_error' };
}

/** What a wallet's or bank's page sent back with; the secret leaves the address at once. */
function cameBack(): string | null {
  const query = new URLSearchParams(location.search);
  const status = query.get('redirect_status');
  if (query.has('payment_intent_client_secret')) history.replaceState(null, '', location.pathname);
  return status;
}

export function Element({ secret, returnUrl, onConfirmed, onBusy }: {
  secret: string; returnUrl: string; onConfirmed: () => void; onBusy: (busy: boolean) => void;
}) {
  const w = roomWords.value;
  const place = useRef<HTMLDivElement>(null);
  const opened = useRef<{ stripe: Stripe; elements: Elements } | null>(null);
  const [tries, again] = useState(0);
  const [stands, put] = useState<'loading' | 'ready' | 'away' | 'paying'>('loading');
  const [wrong, say] = useState('');

  useEffect(() => {
    const status = cameBack();
    if (status === 'failed') say(roomWords.value.notPaid);
    if (status === 'succeeded' || status === 'pending') onConfirmed();
  }, []);

  useEffect(() => {
    let gone = false;
    let mounted: { unmount(): void } | null = null;
    put('loading');
    const open = async () => {
      const stripe = await openStripe(boot.stripe?.key ?? '', lang.value === 'en' ? 'en' : 'zh');
      if (gone || !place.current) return;
      const elements = stripe.elements({ clientSecret: secret, loader: 'auto', appearance: { theme: 'stripe' } });
      const element = elements.create('payment', { layout: 'tabs' });
      element.on('ready', () => put('ready'));
      element.on('loaderror', () => put('away'));
      element.mount(place.current);
      mounted = element;
      opened.current = { stripe, elements };
    };
    open().catch(() => { if (!gone) put('away'); });
    return () => {
      gone = true;
      mounted?.unmount();
      opened.current = null;
    };
  }, [secret, tries, lang.value]);

  useEffect(() => onBusy(stands === 'paying'), [stands]);

  const pay = async () => {
    const open = opened.current;
    if (!open) return;
    put('paying');
    say('');
    try {
      const checked = await open.elements.submit();
      const told: Confirmed = checked.error
        ? checked
        : await open.stripe.confirmPayment({
          elements: open.elements, confirmParams: { return_url: returnUrl }, redirect: 'if_required',
        });
      if (told.error) say(inWords(told.error, roomWords.value));
      else if (UNDER_WAY.has(told.paymentIntent?.status ?? '')) onConfirmed();
      else say(roomWords.value.notPaid);
    } catch {
      say(roomWords.value.elementAway);
    }
    put('ready');
  };

  return (
    <form
      class="px-4 pb-2" data-testid="stripe-element"
      onSubmit={(event) => {
        event.preventDefault();
        void pay();
      }}
    >
      {stands === 'loading' && <p class="py-6 text-center text-sm text-quiet" role="status">{w.loadingElement}</p>}
      <div ref={place} class={stands === 'away' ? 'hidden' : ''} />
      {stands === 'away' && (
        <div class="py-6 text-center" role="alert">
          <p class="text-sm">{w.elementAway}</p>
          <button type="button" class="btn btn-quiet mt-3" onClick={() => again(tries + 1)} data-testid="element-again">{w.tryAgain}</button>
        </div>
      )}
      {wrong && <p class="mt-3 flex gap-2 text-sm font-semibold text-error" role="alert" data-testid="not-paid-because"><Icon name="alert" size={18} />{wrong}</p>}
      {stands !== 'away' && (
        <button type="submit" class="btn btn-primary mt-4 w-full" disabled={stands !== 'ready'} data-testid="pay-now">{stands === 'paying' ? w.paying : w.payNow}</button>
      )}
    </form>
  );
}
