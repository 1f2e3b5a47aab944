// What the server told the page before its first request.
export type Lang = 'zh-CN' | 'en';

export interface DemoAccount {
  email: string;
  password: string;
  name: { zh: string; en: string };
  role: { zh: string; en: string };
}

export interface Boot {
  page: string;
  lang: Lang;
  ids: Record<string, string>;
  demo?: { accounts: DemoAccount[] };
  poster?: string;
  stripe?: { key: string };
  room?: unknown;
  me?: unknown;
  sells_in?: string[];
}

const told = document.getElementById('boot')?.textContent;

export const boot: Boot = told
  ? (JSON.parse(told) as Boot)
  : { page: 'start', lang: 'zh-CN', ids: {} };

/** An id from the page's address; the server put it there, so its absence is a bug. */
export function idOf(name: string): string {
  const id = boot.ids[name];
  if (!id) throw new Error(`the page was not told its ${name}`);
  return id;
}
