// As much of Stripe.js as we use. It is loaded from Stripe's own address and nowhere else, as its
// licence and the card schemes want it, and only on the checkout's page.
export interface StripeError { type: string; code?: string; message?: string }
export interface PaymentIntent { id: string; status: string }
export interface Confirmed { error?: StripeError; paymentIntent?: PaymentIntent }
interface ElementEvents { ready: undefined; loaderror: { error: StripeError }; change: { complete: boolean } }
export interface PaymentElement {
  mount(at: HTMLElement): void;
  unmount(): void;
  on<E extends keyof ElementEvents>(event: E, heard: (told: ElementEvents[E]) => void): void;
}
export interface Elements {
  create(kind: 'payment', options: { layout: 'tabs' | 'accordion' }): PaymentElement;
  submit(): Promise<{ error?: StripeError }>;
}
export interface Stripe {
  elements(options: { clientSecret: string; loader: 'auto'; appearance: { theme: 'stripe' } }): Elements;
  confirmPayment(options: {
    elements: Elements; confirmParams: { return_url: string }; redirect: 'if_required';
  }): Promise<Confirmed>;
  /** A bank asks something of a buyer whose payment our server has confirmed. */
  handleNextAction(options: { clientSecret: string }): Promise<Confirmed>;
}
type Open = (key: string, options: { locale: string }) => Stripe;

const ADDRESS = 'https://js.stripe.com/v3/';
let loading: Promise<Open> | null = null;

function load(): Promise<Open> {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = ADDRESS;
    script.onload = () => {
      const open = (window as { Stripe?: Open }).Stripe;
      if (open) resolve(open);
      else reject(new Error('Stripe.js is not what was loaded'));
    };
    script.onerror = () => {
      script.remove();
      reject(new Error('Stripe.js could not be loaded'));
    };
    document.head.append(script);
  });
}

/** Stripe.js, opened with the publishable key. A failure can be tried again. */
export async function openStripe(key: string, locale: string): Promise<Stripe> {
  loading ??= load();
  try {
    return (await loading)(key, { locale });
  } catch (error) {
    loading = null;
    throw error;
  }
}
