// What waits for approval: one by one, or all that can be seen at once.
import { Icon } from '../parts/Icon';
import { attempt } from '../parts/Toast';
import { clockTime } from '../time';
import type { HeldLine } from '../api/wire';
import { moderationWords } from '../words/moderation';
import { decide, queue } from './order';

function Waiting({ line }: { line: HeldLine }) {
  const w = moderationWords.value;
  return (
    <li class="flex items-start gap-1 rounded-xl px-2 py-1 hover:bg-base-200" data-testid="held-line" data-id={line.id}>
      <div class="min-w-0 flex-1 py-1">
        <p class="flex items-baseline gap-1.5 text-xs">
          <span class="truncate font-semibold">{line.name}</span>
          <time class="text-quiet" dateTime={line.at}>{clockTime(line.at)}</time>
          {line.words.length > 0 && <span class="truncate font-semibold text-primary">{w.because(line.words.join(', '))}</span>}
        </p>
        <p class="text-sm leading-snug break-words">{line.text}</p>
      </div>
      <button type="button" class="grid size-9 shrink-0 place-items-center pointer-coarse:size-11 rounded-lg text-success hover:bg-base-300" aria-label={w.approve(line.name)} title={w.approve(line.name)} onClick={() => void attempt(() => decide([line.id], true))} data-testid="approve"><Icon name="check" size={18} /></button>
      <button type="button" class="grid size-9 shrink-0 place-items-center pointer-coarse:size-11 rounded-lg text-quiet hover:bg-base-300 hover:text-error" aria-label={w.reject(line.name)} title={w.reject(line.name)} onClick={() => void attempt(() => decide([line.id], false))} data-testid="reject"><Icon name="close" size={18} /></button>
    </li>
  );
}

export function Queue() {
  const w = moderationWords.value;
  const some = queue.value.slice(0, 100);
  const ids = some.map((line) => line.id);
  return (
    <>
      <div class="thin-bar min-h-0 flex-1 overflow-y-auto px-2" role="region" aria-label={w.queue} tabIndex={0} data-testid="console-queue">
        {some.length === 0 && <p class="py-8 text-center text-sm text-quiet">{w.queueEmpty}</p>}
        <ul>{some.map((line) => <Waiting key={line.id} line={line} />)}</ul>
      </div>
      {some.length > 1 && (
        <div class="flex gap-2 border-t border-base-300 p-3">
          <button type="button" class="btn btn-secondary flex-1" onClick={() => void attempt(() => decide(ids, true))} data-testid="approve-all">{w.approveAll(ids.length)}</button>
          <button type="button" class="btn btn-quiet" onClick={() => void attempt(() => decide(ids, false))}>{w.rejectAll}</button>
        </div>
      )}
    </>
  );
}
