// The reader's language. A dictionary is a pair of objects of one type: a missing key fails tsc.
import { computed, signal, type ReadonlySignal } from '@preact/signals';
import { boot, type Lang } from '../boot';
import type { Both } from '../api/wire';

export type { Lang };

export const lang = signal<Lang>(boot.lang);

export function words<W extends object>(zh: W, en: W): ReadonlySignal<W> {
  return computed(() => (lang.value === 'en' ? en : zh));
}

/** A count and what is counted, in English. */
export function counted(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}

/** A text that the data holds in both languages. */
export function told(text: Both | null | undefined): string {
  if (!text) return '';
  return lang.value === 'en' ? text.en || text.zh : text.zh || text.en;
}

export function switchLang(to: Lang): void {
  lang.value = to;
  document.documentElement.lang = to;
  document.cookie = `lc_lang=${to}; Path=/; Max-Age=31536000; SameSite=Lax`;
  const url = new URL(location.href);
  if (url.searchParams.has('lang')) {
    url.searchParams.set('lang', to);
    history.replaceState(null, '', url);
  }
}

if (new URL(location.href).searchParams.has('lang')) switchLang(boot.lang);
