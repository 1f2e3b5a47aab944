// Where somebody goes on after signing in: to a page of ours, whoever wrote the address.

// Browsers drop tabs and line breaks from an address, and read \ as /.
const MISREAD = /[\u0000-\u001f\u007f\\]/;

/** The page asked for, as a whole address; the console, if it is not one of ours. */
export function onward(next: string, origin: string): string {
  if (/^\/(?!\/)/.test(next) && !MISREAD.test(next)) {
    const page = new URL(next, origin);
    if (page.origin === origin && page.pathname !== '/sign-in') return page.href;
  }
  return `${origin}/console`;
}
