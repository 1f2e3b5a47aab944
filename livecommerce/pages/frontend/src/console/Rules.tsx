// How the room speaks: its switches, what is pinned, who is silenced, which words are not said.
import { useEffect, useState } from 'preact/hooks';
import type { ChatRules, WordOut } from '../api/wire';
import { Icon } from '../parts/Icon';
import { Field } from '../parts/pieces';
import { Sheet } from '../parts/Sheet';
import { attempt, say } from '../parts/Toast';
import { announcement, chat, chatRules } from '../room/store';
import { dayAndTime } from '../time';
import { moderationWords } from '../words/moderation';
import { addWord, announce, changeRules, dropWord, lookAtOrder, mutes, unmute, words } from './order';

const SLOW = [0, 3, 5, 10, 30, 60];

function Switch({ name, label, hint }: { name: 'paused' | 'approve' | 'links'; label: string; hint?: string }) {
  return (
    <label class="flex min-h-11 items-center gap-3 py-1">
      <span class="min-w-0 flex-1"><span class="block text-sm font-medium">{label}</span>{hint && <span class="block text-xs text-quiet">{hint}</span>}</span>
      <input type="checkbox" class="toggle toggle-primary" checked={chatRules.value[name]} data-testid={`rule-${name}`} onChange={(event) => void attempt(() => changeRules({ [name]: event.currentTarget.checked }))} />
    </label>
  );
}

function Switches() {
  const w = moderationWords.value;
  const rules = chatRules.value;
  return (
    <section class="px-5 py-4">
      <Switch name="paused" label={w.pause} hint={w.pauseHint} />
      <Switch name="approve" label={w.approveFirst} hint={w.approveHint} />
      <Switch name="links" label={w.links} />
      <div class="mt-2 grid gap-3 sm:grid-cols-2">
        <Field label={w.slow}>
          <select class="select" value={String(rules.slow)} data-testid="rule-slow" onChange={(event) => void attempt(() => changeRules({ slow: Number(event.currentTarget.value) }))}>
            {[...new Set([...SLOW, rules.slow])].map((n) => <option key={n} value={String(n)}>{n ? w.seconds(n) : w.slowOff}</option>)}
          </select>
        </Field>
        <Field label={w.speakers}>
          <select class="select" value={rules.speakers} data-testid="rule-speakers" onChange={(event) => void attempt(() => changeRules({ speakers: event.currentTarget.value as ChatRules['speakers'] }))}>
            <option value="all">{w.all}</option><option value="accounts">{w.accounts}</option><option value="team">{w.team}</option>
          </select>
        </Field>
      </div>
    </section>
  );
}

function Pin() {
  const w = moderationWords.value;
  const [text, put] = useState(announcement.peek().text);
  return (
    <form
      class="border-t border-base-300 px-5 py-4"
      onSubmit={(event) => {
        event.preventDefault();
        void attempt(async () => {
          await announce(text.trim());
          say(text.trim() ? w.published : w.takenDown);
        });
      }}
    >
      <Field label={w.announcement} hint={w.announcementHint}>
        <textarea class="textarea min-h-20 w-full" rows={2} maxLength={300} value={text} onInput={(event) => put(event.currentTarget.value)} data-testid="announcement-text" />
      </Field>
      <button type="submit" class="btn btn-secondary mt-2" data-testid="announce">{w.publish}</button>
    </form>
  );
}

function Silenced() {
  const w = moderationWords.value;
  const named = (user: string) => chat.value.find((line) => line.user === user)?.name ?? user;
  return (
    <section class="border-t border-base-300 px-5 py-4">
      <h3 class="font-semibold">{w.silenced}</h3>
      {mutes.value.length === 0 && <p class="mt-1 text-sm text-quiet">{w.noneSilenced}</p>}
      <ul>
        {mutes.value.map((one) => (
          <li key={one.user + one.at} class="flex items-center gap-2 py-1 text-sm" data-testid="silenced">
            <span class="min-w-0 flex-1">
              <span class="block truncate font-medium">{named(one.user)} · {w.kinds[one.kind]}{(one.anywhere || one.merchant) && ` · ${one.anywhere ? w.everyRoom : w.allRooms}`}</span>
              <span class="block truncate text-xs text-quiet">{one.until ? w.till(dayAndTime(one.until)) : w.forGood}{one.reason && ` · ${one.reason}`}</span>
            </span>
            <button type="button" class="btn btn-quiet" onClick={() => void attempt(() => unmute(one))} data-testid="lift">{w.lift}</button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function WordList() {
  const w = moderationWords.value;
  const [word, put] = useState('');
  const [action, choose] = useState<WordOut['action']>('hold');
  return (
    <section class="border-t border-base-300 px-5 py-4">
      <h3 class="font-semibold">{w.wordList}</h3>
      <p class="text-xs text-quiet">{w.wordHint}</p>
      <form
        class="mt-2 flex gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          if (word.trim()) void attempt(() => addWord(word.trim(), action)).then(() => put(''));
        }}
      >
        <input class="input min-w-0 flex-1" maxLength={60} aria-label={w.word} placeholder={w.word} value={word} onInput={(event) => put(event.currentTarget.value)} data-testid="word" />
        <select class="select w-auto" aria-label={w.action} value={action} onChange={(event) => choose(event.currentTarget.value as WordOut['action'])} data-testid="word-action">
          {(['hold', 'reject', 'mask'] as const).map((each) => <option key={each} value={each}>{w.actions[each]}</option>)}
        </select>
        <button type="submit" class="btn btn-secondary" data-testid="add-word">{w.addWord}</button>
      </form>
      <ul class="mt-2 flex flex-wrap gap-1.5">
        {words.value.map((one) => (
          <li key={one.id} class="tag bg-base-200" data-testid="listed-word">
            {one.word}<span class="text-quiet">{w.actions[one.action]}</span>
            <button type="button" class="grid size-6 place-items-center pointer-coarse:size-11" aria-label={w.dropWord(one.word)} onClick={() => void attempt(() => dropWord(one))}><Icon name="close" size={14} /></button>
          </li>
        ))}
      </ul>
    </section>
  );
}

export function RulesSheet({ onClose }: { onClose: () => void }) {
  const w = moderationWords.value;
  useEffect(() => void attempt(lookAtOrder), []);
  return (
    <Sheet open drawer title={w.rules} onClose={onClose} testid="rules-sheet">
      <Switches /><Pin /><Silenced /><WordList />
    </Sheet>
  );
}
