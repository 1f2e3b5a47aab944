// Money from minor units; the exponent of a currency comes from ISO 4217.
import type { Money } from './api/wire';
import { lang } from './words/lang';

const NO_MINOR = new Set([
  'BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'UYI', 'VND',
  'VUV', 'XAF', 'XOF', 'XPF',
]);
const THREE_MINOR = new Set(['BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND']);

export function exponentOf(currency: string): number {
  if (NO_MINOR.has(currency)) return 0;
  return THREE_MINOR.has(currency) ? 3 : 2;
}

export function money(amount: Money): string {
  const digits = exponentOf(amount.currency);
  const format = new Intl.NumberFormat(lang.value, {
    style: 'currency',
    currency: amount.currency,
    currencyDisplay: amount.currency === 'CNY' ? 'narrowSymbol' : 'symbol',
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  // Yuan and yen share a sign, and both are shown beside each other: yen say which they are.
  return format
    .formatToParts(amount.minor / 10 ** digits)
    .map((part) => (part.type === 'currency' && amount.currency === 'JPY' ? 'JP¥' : part.value))
    .join('');
}

export function times(amount: Money, count: number): Money {
  return { minor: amount.minor * count, currency: amount.currency };
}

export function sum(amounts: Money[], currency: string): Money {
  return { minor: amounts.reduce((total, each) => total + each.minor, 0), currency };
}

export function compact(count: number): string {
  return new Intl.NumberFormat(lang.value, { notation: 'compact' }).format(count);
}

/** What somebody typed as an amount, in minor units; null when it is not an amount. */
export function minorOf(text: string, currency: string): number | null {
  const digits = exponentOf(currency);
  const match = /^(\d{1,9})(?:\.(\d+))?$/.exec(text.trim());
  if (!match || (match[2] ?? '').length > digits) return null;
  return Number((match[1] ?? '') + (match[2] ?? '').padEnd(digits, '0'));
}

export function majorOf(amount: Money): string {
  const digits = exponentOf(amount.currency);
  if (digits === 0) return String(amount.minor);
  const text = String(amount.minor).padStart(digits + 1, '0');
  return `${text.slice(0, -digits)}.${text.slice(-digits)}`;
}
