// Small things that many pages show alike.
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { LiveState } from '../api/wire';
import { second } from '../time';
import { lasting } from '../time';
import { shared } from '../words/shared';
import { Barred } from './Barred';
import { Icon } from './Icon';
import { attempt, say } from './Toast';

export { Empty } from './Empty';

const STATE_LOOK: Record<LiveState, string> = {
  draft: 'bg-base-300 text-base-content',
  scheduled: 'bg-calico text-indigo',
  ready: 'bg-[#e3efe6] text-success',
  live: 'bg-primary text-primary-content',
  paused: 'bg-[#f9ebcf] text-[#6d4300]',
  interrupted: 'bg-[#f9ebcf] text-[#6d4300]',
  ended: 'bg-neutral text-neutral-content',
  archived: 'bg-base-300 text-base-content',
  cancelled: 'bg-base-300 text-base-content',
};

export function StatePill({ state }: { state: LiveState }) {
  return (
    <span class={`tag ${STATE_LOOK[state]}`} data-testid="state-pill" data-state={state}>
      {state === 'live' && <span class="breathe size-2 rounded-full bg-current" />}
      {shared.value.states[state]}
    </span>
  );
}

export function Countdown({ until, class: extra = '' }: { until: string; class?: string }) {
  const left = (Date.parse(until) - second.value) / 1000;
  return <time dateTime={until} class={`tabular-nums ${extra}`} data-testid="countdown">{lasting(left)}</time>;
}

/** What a page asks for first: waiting, failing with a way to try again, or the answer. */
export interface Asked<T> { data: T | null; error: unknown; again: () => void; set: (to: T) => void }

export function useAsked<T>(work: () => Promise<T>, keys: unknown[]): Asked<T> {
  const [state, put] = useState<{ data: T | null; error: unknown }>({ data: null, error: null });
  const [round, next] = useState(0);
  useEffect(() => {
    let wanted = true;
    work().then(
      (data) => wanted && put({ data, error: null }),
      (error: unknown) => wanted && put((before) => ({ ...before, error })),
    );
    return () => void (wanted = false);
  }, [...keys, round]);
  return {
    ...state,
    again: () => next((n) => n + 1),
    set: (data) => put({ data, error: null }),
  };
}

export function Waiting<T>({ asked, children }: {
  asked: Asked<T>; children: (data: T) => ComponentChildren;
}) {
  if (asked.data !== null) return <>{children(asked.data)}</>;
  if (asked.error) {
    return <Barred error={asked.error} again={asked.again} />;
  }
  return (
    <div class="flex justify-center py-16" role="status">
      <span class="loading loading-dots loading-lg text-secondary" />
      <span class="sr-only">{shared.value.loading}</span>
    </div>
  );
}

export function CopyButton({ text, label }: { text: string; label: string }) {
  const w = shared.value;
  const copy = () => attempt(async () => {
    await navigator.clipboard.writeText(text);
    say(w.copied);
  });
  return (
    <button type="button" class="btn btn-quiet btn-square" aria-label={`${w.copy}: ${label}`} title={w.copy} onClick={() => void copy()}>
      <Icon name="copy" size={18} />
    </button>
  );
}

export function Field({ label, children, hint, class: extra = '' }: {
  label: string; children: ComponentChildren; hint?: string; class?: string;
}) {
  return (
    <label class={`block ${extra}`}>
      <span class="field-label">{label}</span>
      {children}
      {hint && <span class="mt-1 block text-xs text-quiet">{hint}</span>}
    </label>
  );
}

export function Id({ id }: { id: string }) {
  return <code class="rounded bg-base-200 px-1.5 py-0.5 text-xs break-all text-quiet">{id}</code>;
}

export function useWide(query = '(min-width: 64rem)'): boolean {
  const [wide, set] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const media = matchMedia(query);
    const heard = () => set(media.matches);
    media.addEventListener('change', heard);
    return () => media.removeEventListener('change', heard);
  }, [query]);
  return wide;
}
