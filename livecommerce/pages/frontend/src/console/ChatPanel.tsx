// The chat as moderators see it: every line can go, everybody but the team can be silenced.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ChatLine } from '../api/wire';
import { Icon } from '../parts/Icon';
import { attempt, say } from '../parts/Toast';
import { clockTime } from '../time';
import { consoleWords } from '../words/console';
import { moderationWords } from '../words/moderation';
import { roomWords } from '../words/room';
import { ChatInput } from '../room/Chat';
import { call } from '../room/connection';
import { chat, heard, room } from '../room/store';
import { lookAtQueue, queue } from './order';
import { PersonSheet } from './Person';
import { Queue } from './Queue';
import { RulesSheet } from './Rules';

function Line({ line, onPerson }: { line: ChatLine; onPerson: () => void }) {
  const w = consoleWords.value;
  const badge = line.badge ? roomWords.value.badges[line.badge] : null;
  const live = room.value?.live.id ?? '';
  const drop = async () => {
    await call('chat.delete', { live, id: line.id });
    heard({ t: 'del', id: line.id });
  };
  const mute = async () => {
    const { network } = await call<{ network: boolean }>('chat.mute', { live, user: line.user, minutes: 10 });
    say(network ? w.mutedNetwork : w.muted);
  };
  return (
    <li class="group flex items-start gap-1 rounded-xl px-2 py-1 hover:bg-base-200" data-testid="console-line" data-id={line.id}>
      <div class="min-w-0 flex-1 py-1">
        <p class="flex items-baseline gap-1.5 text-xs">
          {badge && <span class="rounded bg-indigo px-1.5 font-bold text-white">{badge}</span>}
          <span class="truncate font-semibold">{line.name}</span>
          <time class="text-quiet" dateTime={line.at}>{clockTime(line.at)}</time>
        </p>
        <p class="text-sm leading-snug break-words">{line.text}</p>
      </div>
      {!badge && (
        <button type="button" class="grid size-9 shrink-0 place-items-center pointer-coarse:size-11 rounded-lg text-quiet hover:bg-base-300 hover:text-base-content" aria-label={moderationWords.value.person(line.name)} title={moderationWords.value.person(line.name)} onClick={onPerson} data-testid="person"><Icon name="user" size={16} /></button>
      )}
      {!badge && (
        <button type="button" class="grid size-9 shrink-0 place-items-center pointer-coarse:size-11 rounded-lg text-quiet hover:bg-base-300 hover:text-base-content" aria-label={w.mute(line.name)} title={w.mute(line.name)} onClick={() => void attempt(mute)} data-testid="mute"><Icon name="mute" size={16} /></button>
      )}
      <button type="button" class="grid size-9 shrink-0 place-items-center pointer-coarse:size-11 rounded-lg text-quiet hover:bg-base-300 hover:text-error" aria-label={w.deleteLine(line.name)} title={w.deleteLine(line.name)} onClick={() => void attempt(drop)} data-testid="delete-line"><Icon name="trash" size={16} /></button>
    </li>
  );
}

export function ChatPanel() {
  const w = consoleWords.value;
  const list = useRef<HTMLDivElement>(null);
  const lines = chat.value;
  const m = moderationWords.value;
  const [tab, see] = useState<'chat' | 'queue'>('chat');
  const [ruling, rule] = useState(false);
  const [person, meet] = useState<ChatLine | null>(null);
  const look = (now: boolean) => `inline-flex min-h-11 items-center rounded-full px-3 font-serif text-lg font-semibold ${now ? '' : 'text-quiet'}`;
  useEffect(() => {
    const node = list.current;
    if (node) node.scrollTop = node.scrollHeight;
  }, [lines.at(-1)?.id]);
  useEffect(() => void attempt(lookAtQueue), []);
  return (
    <section class="panel flex min-h-0 flex-1 flex-col" aria-labelledby="chat-heading">
      <div class="flex items-center gap-1 px-3 pt-2 pb-1">
        <h2 id="chat-heading" class="sr-only">{w.chat}</h2>
        <button type="button" aria-pressed={tab === 'chat'} class={look(tab === 'chat')} onClick={() => see('chat')} data-testid="tab-chat">{w.chat}</button>
        <button type="button" aria-pressed={tab === 'queue'} class={look(tab === 'queue')} onClick={() => see('queue')} data-testid="tab-queue">
          {m.queue}{queue.value.length > 0 && <span class="tag ml-1.5 bg-primary text-white" data-testid="queue-count">{queue.value.length}</span>}
        </button>
        <button type="button" class="btn btn-quiet ml-auto" onClick={() => rule(true)} data-testid="chat-rules"><Icon name="shield" size={16} />{m.rules}</button>
      </div>
      {tab === 'queue' && <Queue />}
      <div ref={list} hidden={tab !== 'chat'} class="thin-bar min-h-0 flex-1 overflow-y-auto px-2" role="log" aria-live="polite" aria-label={w.chat} tabIndex={0} data-testid="console-chat">
        {lines.length === 0 && <p class="py-8 text-center text-sm text-quiet">{roomWords.value.chatEmpty}</p>}
        <ul>{lines.map((line) => <Line key={line.id} line={line} onPerson={() => meet(line)} />)}</ul>
      </div>
      <div class="flex border-t border-base-300 p-3"><ChatInput /></div>
      {ruling && <RulesSheet onClose={() => rule(false)} />}
      {person && <PersonSheet line={person} onClose={() => meet(null)} />}
    </section>
  );
}
