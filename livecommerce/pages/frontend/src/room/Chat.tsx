// What people say: a log that reads itself out politely, and a line to speak.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ChatLine } from '../api/wire';
import { Icon } from '../parts/Icon';
import { say, sayProblem } from '../parts/Toast';
import { roomWords } from '../words/room';
import { speak } from './connection';
import { announcement, chat, chatRules, cutOff, over, room, sayOwn, skipped } from './store';

const TINTS = ['#f7cf95', '#a9cdf2', '#f4b4a8', '#b6dfc2', '#dcc3ee', '#f1dd93'];
const INKS = ['#8a5a12', '#24476b', '#a8201a', '#2c6a4b', '#63407f', '#6b5a00'];

function tint(user: string, shades: string[]): string {
  let sum = 0;
  for (const letter of user) sum = (sum * 31 + letter.charCodeAt(0)) >>> 0;
  return shades[sum % shades.length] ?? '#fff';
}

function Line({ line, over: onPicture }: { line: ChatLine; over: boolean }) {
  const w = roomWords.value;
  const badge = line.badge ? w.badges[line.badge] : null;
  return (
    <li class={onPicture ? 'settle flex' : 'settle'} data-testid="chat-line" data-id={line.id}>
      <p class={onPicture
        ? 'inline-block max-w-full rounded-xl bg-black/42 px-2.5 py-1.5 text-[13px] leading-[18px] text-white backdrop-blur-sm'
        : 'py-1.5 text-sm leading-relaxed'}
      >
        {badge && (
          <span class={`mr-1.5 rounded px-1.5 py-px text-[11px] font-bold ${line.badge === 'host' ? 'bg-primary text-white' : 'bg-indigo text-white'}`}>{badge}</span>
        )}
        <span class="font-semibold" style={{ color: tint(line.user, onPicture ? TINTS : INKS) }}>{line.name}</span>
        <span class="mx-1 opacity-60" aria-hidden="true">·</span>
        <span class="break-words">{line.text}</span>
      </p>
    </li>
  );
}

/** What is pinned above the chat. */
export function Pinned({ onPicture = false }: { onPicture?: boolean }) {
  const text = announcement.value.text;
  if (!text || over.value) return null;
  return (
    <p
      key={announcement.value.version} role="status" data-testid="announcement"
      class={`settle flex items-start gap-2 text-[13px] leading-snug ${onPicture ? 'w-[78%] rounded-xl bg-black/55 px-3 py-2 text-white' : 'mx-4 mb-2 rounded-xl bg-calico px-3 py-2 text-indigo'}`}
    >
      <Icon name="mic" size={16} class="mt-px" /><span class="min-w-0 break-words"><span class="sr-only">{roomWords.value.pinned}: </span>{text}</span>
    </p>
  );
}

/** Why nobody of the audience may write, if so. */
function closedBy(): string {
  const w = roomWords.value;
  if (over.value) return w.chatClosed;
  if (cutOff.value) return w.cutOff[cutOff.value];
  if ((room.value?.me.roles.length ?? 0) > 0) return '';
  const rules = chatRules.value;
  if (rules.paused) return w.chatPaused;
  if (rules.speakers === 'team') return w.teamOnly;
  if (rules.speakers === 'accounts' && room.value?.me.id.startsWith('gst_')) return w.accountsOnly;
  return '';
}

export function ChatLog({ onPicture = false, class: extra = '' }: { onPicture?: boolean; class?: string }) {
  const w = roomWords.value;
  const end = useRef<HTMLDivElement>(null);
  const lines = onPicture ? chat.value.slice(-30) : chat.value;
  useEffect(() => {
    const node = end.current;
    if (node) node.scrollTop = node.scrollHeight;
  }, [lines.length, lines.at(-1)?.id]);
  return (
    <div
      ref={end} role="log" aria-live="polite" aria-label={w.chat} tabIndex={0} data-testid="chat-log"
      class={`overflow-y-auto overscroll-contain ${onPicture ? 'no-bar [mask-image:linear-gradient(transparent,black_22%)]' : 'thin-bar'} ${extra}`}
    >
      {lines.length === 0 && !onPicture && (
        <p class="py-6 text-center text-sm text-quiet">{over.value ? w.chatEmptyReplay : w.chatEmpty}</p>
      )}
      <ul class={onPicture ? 'flex min-h-full flex-col justify-end gap-1.5' : ''}>
        {lines.map((line) => <Line key={line.id} line={line} over={onPicture} />)}
      </ul>
      {skipped.value > 0 && (
        <p class={`sticky bottom-0 inline-block rounded-full px-2.5 py-0.5 text-xs font-semibold ${onPicture ? 'bg-black/60 text-white' : 'bg-base-300'}`}>{w.skipped(skipped.value)}</p>
      )}
    </div>
  );
}

export function ChatInput({ onPicture = false }: { onPicture?: boolean }) {
  const w = roomWords.value;
  const [text, put] = useState('');
  const [busy, hold] = useState(false);
  const why = closedBy();
  const closed = why !== '';

  async function send(event: Event): Promise<void> {
    event.preventDefault();
    const found = room.value;
    const said = text.trim();
    if (!said || !found || busy) return;
    hold(true);
    try {
      const line = await speak(found.live.id, said);
      // The room tells it to everybody, us too; shown at once where the answer names its id.
      if (line?.id) {
        const mine = { user: found.me.id, name: found.me.name, badge: null, text: said };
        if (line.held) say(w.heldForApproval);
        sayOwn({ ...mine, id: line.id, at: new Date().toISOString(), ...line });
      }
      put('');
    } catch (error) {
      sayProblem(error);
    } finally {
      hold(false);
    }
  }

  return (
    <form class="relative flex min-w-0 flex-1 items-center" onSubmit={(event) => void send(event)}>
      <input
        type="text" maxLength={200} value={text} disabled={closed} enterkeyhint="send" autocomplete="off"
        aria-label={w.chatPlaceholder} placeholder={why || w.chatPlaceholder} data-testid="chat-input"
        onInput={(event) => put(event.currentTarget.value)}
        class={`h-11 w-full min-w-0 rounded-full pr-12 pl-4 text-[15px] outline-offset-2 ${onPicture ? 'scrim placeholder:text-white/85' : 'border border-base-300 bg-base-100 placeholder:text-quiet'}`}
      />
      <button
        type="submit" aria-label={w.send} disabled={busy || !text.trim()} data-testid="chat-send"
        class={`absolute right-0 grid size-11 place-items-center rounded-full disabled:opacity-45 ${onPicture ? 'text-white' : 'text-indigo'}`}
      >
        <Icon name="send" size={19} />
      </button>
    </form>
  );
}
