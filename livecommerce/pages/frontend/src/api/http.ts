// Requests to our own API: JSON in and out, problems as errors, CSRF and idempotency by themselves.
import { heardDate } from '../time';

/** A failure as the server tells it (RFC 9457). */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly title: string,
    readonly facts: Record<string, unknown>,
  ) {
    super(title);
  }
}

export const OFFLINE = 'offline';

// What is said is heard though the page is left at once. Browsers carry on 64 KB at a time,
// in all and as UTF-8.
const CARRIED_ON = 5_000;

interface Options {
  body?: unknown;
  file?: File;
  key?: string;
  signal?: AbortSignal;
}

export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function cookie(name: string): string {
  const found = document.cookie.split('; ').find((each) => each.startsWith(`${name}=`));
  return found ? decodeURIComponent(found.slice(name.length + 1)) : '';
}

async function problemOf(response: Response): Promise<Problem> {
  const type = response.headers.get('content-type') ?? '';
  if (!type.includes('json')) {
    return new Problem(response.status, 'unexpected', response.statusText, {});
  }
  const body = (await response.json()) as Record<string, unknown>;
  const kind = String(body['type'] ?? '');
  const code = kind.includes('/') ? kind.slice(kind.lastIndexOf('/') + 1) : kind;
  return new Problem(response.status, code, String(body['title'] ?? ''), body);
}

async function answered(method: string, path: string, options: Options): Promise<Response> {
  const headers: Record<string, string> = { Accept: 'application/json' };
  if (options.body !== undefined) headers['Content-Type'] = 'application/json';
  if (method !== 'GET') headers['X-CSRF-Token'] = cookie('lc_csrf');
  if (options.key) headers['Idempotency-Key'] = options.key;
  const init: RequestInit = { method, headers, credentials: 'same-origin' };
  const said = options.body === undefined ? '' : JSON.stringify(options.body);
  if (options.body !== undefined) init.body = said;
  init.keepalive = method !== 'GET' && !options.file && said.length < CARRIED_ON;
  if (options.file) {
    init.body = new FormData();
    init.body.append('file', options.file);
  }
  if (options.signal) init.signal = options.signal;
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new Problem(0, OFFLINE, 'offline', {});
  }
  heardDate(response.headers.get('date'));
  if (!response.ok) throw await problemOf(response);
  return response;
}

export async function ask<T>(method: string, path: string, options: Options = {}): Promise<T> {
  const response = await answered(method, path, options);
  if (response.status === 204) return undefined as T;
  return (await response.json()) as T;
}

/** Asks for a file and hands it to the person as a download. */
export async function download(path: string, name: string, body?: unknown): Promise<void> {
  const response = await answered(body === undefined ? 'GET' : 'POST', path, { body });
  const url = URL.createObjectURL(await response.blob());
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

export const get = <T>(path: string, signal?: AbortSignal) =>
  ask<T>('GET', path, signal ? { signal } : {});
export const post = <T>(path: string, body: unknown = {}, key?: string) =>
  ask<T>('POST', path, key ? { body, key } : { body });
export const put = <T>(path: string, body: unknown) => ask<T>('PUT', path, { body });
/** Sends a file; the browser writes the form's boundary. */
export const upload = <T>(path: string, file: File) => ask<T>('POST', path, { file });
export const remove = <T = void>(path: string) => ask<T>('DELETE', path);
