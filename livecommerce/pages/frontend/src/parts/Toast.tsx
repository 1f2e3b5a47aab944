// One short message at a time, read out politely.
import { signal } from '@preact/signals';
import { problemText } from '../words/problems';
import { Icon } from './Icon';

interface Note { text: string; bad: boolean; id: number }

const note = signal<Note | null>(null);
let count = 0;

export function say(text: string, bad = false): void {
  const id = ++count;
  note.value = { text, bad, id };
  setTimeout(() => {
    if (note.value?.id === id) note.value = null;
  }, bad ? 6000 : 3200);
}

export function sayProblem(error: unknown): void {
  say(problemText(error), true);
}

/** Runs what a button does, and says what went wrong. */
export async function attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    sayProblem(error);
    return undefined;
  }
}

export function Toasts() {
  const shown = note.value;
  return (
    <div
      role="status" aria-live="polite" data-testid="toast"
      class="pointer-events-none fixed inset-x-0 top-[max(1rem,env(safe-area-inset-top))] z-50 flex justify-center px-4"
    >
      {shown && (
        <div
          key={shown.id}
          class={`settle flex max-w-md items-center gap-2 rounded-full px-4 py-2.5 text-sm font-medium shadow-lift ${shown.bad ? 'bg-error text-error-content' : 'bg-neutral text-neutral-content'}`}
        >
          <Icon name={shown.bad ? 'alert' : 'check'} size={18} />
          <span>{shown.text}</span>
        </div>
      )}
    </div>
  );
}
