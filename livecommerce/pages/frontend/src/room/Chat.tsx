// What people say: a log that reads itself out politely, and a line to speak.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ChatLine } from '../api/wire';
import { Icon } from '../parts/Icon';
import { say, sayProblem } from '../parts/Toast';
import { roomWords } from '../words/room';
import { speak } from './connection';
import { announcement, chat, chatRules, cutOff, over, room, sayOwn, skipped } from './store';

/** So much is taken of a viewer, and of those who run the room; the server counts alike. */
const VIEWER_LENGTH = 170;
const TEAM_LENGTH = 1000;
/** From so many characters left on, one is told how many. */
const NEARLY = 20;

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
    <li class={onPicture ? 'settle flex overflow-hidden' : 'settle overflow-hidden'} data-testid="chat-line" data-id={line.id}>
      <p class={onPicture
        ? 'inline-block max-w-full rounded-xl bg-black/42 px-2.5 py-1.5 text-[13px] leading-[18px] text-white backdrop-blur-sm'
        : 'py-1.5 text-sm leading-relaxed'}
      >
        {badge && (
          <span class={`mr-1.5 rounded px-1.5 py-px text-[11px] font-bold ${line.badge === 'host' ? 'bg-primary text-white' : 'bg-indigo text-white'}`}>{badge}</span>
        )}
        <span class="font-semibold [overflow-wrap:anywhere]" style={{ color: tint(line.user, onPicture ? TINTS : INKS) }}>{line.name}</span>
        <span class="mx-1 opacity-60" aria-hidden="true">·</span><wbr />
        <span class="[overflow-wrap:anywhere]">{line.text}</span>
      </p>
    </li>
  );
}

/** What is pinned above the chat. */
export function Pinned({ onPicture = false }: { onPicture?: boolean }) {
  const { text, version } = announcement.value;
  return !text || over.value ? null : <PinnedText key={version} text={text} onPicture={onPicture} />;
}

/** Two lines of it; the rest for whoever asks, since the picture is what people came for. */
function PinnedText({ text, onPicture }: { text: string; onPicture: boolean }) {
  const w = roomWords.value;
  const shown = useRef<HTMLSpanElement>(null);
  const [long, isLong] = useState(false);
  const [open, read] = useState(false);
  useEffect(() => {
    const look = () => {
      const node = shown.current;
      if (node && !open) isLong(node.scrollHeight > node.clientHeight + 1);
    };
    look();
    window.addEventListener('resize', look);
    return () => window.removeEventListener('resize', look);
  }, [open]);
  return (
    <div
      role="status" data-testid="announcement"
      class={`settle flex items-start gap-2 text-[13px] leading-snug ${onPicture ? 'w-[78%] rounded-xl bg-black/55 px-3 py-2 text-white' : 'mx-4 mb-2 rounded-xl bg-calico px-3 py-2 text-indigo'}`}
    >
      <Icon name="mic" size={16} class="mt-px shrink-0" />
      <span class="min-w-0 flex-1">
        <span ref={shown} class={`[overflow-wrap:anywhere] ${open ? 'thin-bar block max-h-40 overflow-y-auto overscroll-contain' : 'line-clamp-2'}`}>
          <span class="sr-only">{w.pinned}: </span>{text}
        </span>
        {long && (
          <button type="button" class="-mb-2 inline-flex min-h-11 items-center font-semibold underline underline-offset-2" aria-expanded={open} onClick={() => read(!open)} data-testid="announcement-more">
            {open ? w.readLess : w.readOn}
          </button>
        )}
      </span>
    </div>
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
  const most = (room.value?.me.roles.length ?? 0) > 0 ? TEAM_LENGTH : VIEWER_LENGTH;
  const left = most - [...text].length; // as the server counts, an emoji is one

  async function send(event: Event): Promise<void> {
    event.preventDefault();
    const found = room.value;
    const said = text.trim();
    if (!said || !found || busy || left < 0) return;
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
        type="text" maxLength={most * 2} value={text} disabled={closed} enterkeyhint="send" autocomplete="off"
        aria-label={w.chatPlaceholder} placeholder={why || w.chatPlaceholder} data-testid="chat-input"
        aria-describedby={left < NEARLY ? 'chat-left' : undefined} aria-invalid={left < 0}
        onInput={(event) => put(event.currentTarget.value)}
        class={`h-11 w-full min-w-0 rounded-full pr-12 pl-4 text-[15px] outline-offset-2 ${onPicture ? 'scrim placeholder:text-white/85' : 'border border-base-300 bg-base-100 placeholder:text-quiet'}`}
      />
      {left < NEARLY && !closed && (
        <span
          id="chat-left" role="status" data-testid="chat-left" data-left={left}
          class={`absolute right-3 bottom-full mb-1 rounded-full px-2 py-0.5 text-xs font-semibold ${left < 0 ? 'bg-error text-white' : onPicture ? 'bg-black/60 text-white' : 'bg-base-300'}`}
        >
          {left < 0 ? w.tooLong(-left, most) : w.roomFor(left, most)}
        </span>
      )}
      <button
        type="submit" aria-label={w.send} disabled={busy || !text.trim() || left < 0} data-testid="chat-send"
        class={`absolute right-0 grid size-11 place-items-center rounded-full disabled:opacity-45 ${onPicture ? 'text-white' : 'text-indigo'}`}
      >
        <Icon name="send" size={19} />
      </button>
    </form>
  );
}
