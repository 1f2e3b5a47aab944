// Where the viewer's parcels go, which also settles the currency prices are shown and paid in.
import { computed, signal } from '@preact/signals';
import { boot } from '../boot';
import { lang } from '../words/lang';

const CURRENCIES: Record<string, string> = {
  DE: 'EUR', FR: 'EUR', GB: 'GBP', US: 'USD', AU: 'AUD', JP: 'JPY', SG: 'SGD',
  NL: 'EUR', IT: 'EUR', ES: 'EUR', BE: 'EUR', AT: 'EUR', IE: 'EUR', PT: 'EUR', FI: 'EUR',
  CA: 'CAD', NZ: 'NZD', CH: 'CHF', SE: 'SEK', NO: 'NOK', DK: 'DKK', PL: 'PLN', KR: 'KRW',
  BR: 'BRL', MX: 'MXN', HK: 'HKD', TH: 'THB', MY: 'MYR',
};

/** Where duty and tax are quoted to the cent; elsewhere they are left to arrival, and said so. */
export const QUOTED = ['DE', 'FR', 'GB', 'US', 'AU', 'JP', 'SG'];

export const COUNTRIES = Object.keys(CURRENCIES);

function guessed(): string {
  const kept = localStorage.getItem('lc_country');
  if (kept && kept in CURRENCIES) return kept;
  const asked = new URL(location.href).searchParams.get('country');
  if (asked && asked in CURRENCIES) return asked;
  for (const tag of navigator.languages) {
    const region = new Intl.Locale(tag).region;
    if (region && region in CURRENCIES) return region;
  }
  return 'DE';
}

export const country = signal(guessed());
const sold = boot.sells_in;
/** What the country pays in, if anything is sold in that. */
export const currency = computed(() => {
  const own = CURRENCIES[country.value] ?? 'EUR';
  if (!sold || sold.includes(own)) return own;
  return sold.includes('EUR') ? 'EUR' : sold[0] ?? own;
});

export function shipTo(to: string): void {
  country.value = to;
  localStorage.setItem('lc_country', to);
}

export function countryName(code: string): string {
  return new Intl.DisplayNames(lang.value, { type: 'region' }).of(code) ?? code;
}
