// The chat's order as those who keep it see it: what waits, who is silenced, which words are not said.
import { signal } from '@preact/signals';
import { ask, get, post, put, remove } from '../api/http';
import type { Announcement, ChatRules, HeldLine, MuteOut, WordOut } from '../api/wire';
import { call } from '../room/connection';
import { announcement, chatRules, room } from '../room/store';

export const queue = signal<HeldLine[]>([]);
export const mutes = signal<MuteOut[]>([]);
export const words = signal<WordOut[]>([]);

type ModFrame = ({ t: 'held' } & HeldLine) | { t: 'decided'; ids: string[] };

const live = () => room.peek()?.live.id ?? '';
const merchant = () => room.peek()?.seller.merchant ?? '';

/** Whether this person keeps the order of the room, and hears of what waits. */
export function keepsOrder(roles: string[]): boolean {
  const keeping = ['merchant:owner', 'merchant:host', 'merchant:assistant', 'merchant:moderator', 'staff:operator', 'staff:compliance', 'staff:admin'];
  return roles.some((role) => keeping.includes(role));
}

export function heardOrder(frame: ModFrame): void {
  if (frame.t === 'held') {
    queue.value = [...queue.value.filter((line) => line.id !== frame.id), frame];
  } else {
    queue.value = queue.value.filter((line) => !frame.ids.includes(line.id));
  }
}

export async function lookAtQueue(): Promise<void> {
  const found = await get<HeldLine[]>(`/v1/live/${live()}/chat/queue`);
  const known = new Set(found.map((line) => line.id));
  queue.value = [...found, ...queue.value.filter((line) => !known.has(line.id))];
}

export async function decide(ids: string[], approve: boolean): Promise<void> {
  await call(approve ? 'chat.approve' : 'chat.reject', { live: live(), ids });
  heardOrder({ t: 'decided', ids });
}

export async function changeRules(changes: Partial<ChatRules>): Promise<void> {
  const rules = await ask<ChatRules>('PATCH', `/v1/live/${live()}/chat`, { body: changes });
  if (rules.version >= chatRules.value.version) chatRules.value = rules;
}

export async function announce(text: string): Promise<void> {
  const pinned = await put<Announcement>(`/v1/live/${live()}/announcement`, { text });
  if (pinned.version >= announcement.value.version) announcement.value = pinned;
}

export async function lookAtOrder(): Promise<void> {
  [mutes.value, words.value] = await Promise.all([
    get<MuteOut[]>(`/v1/live/${live()}/chat/mutes`),
    get<WordOut[]>(`/v1/merchants/${merchant()}/words`),
  ]);
}

export interface Silence { user: string; minutes: number | null; ban: boolean; merchant: boolean; address: boolean; reason: string }

export async function silence(wish: Silence): Promise<void> {
  await call('chat.mute', { live: live(), ...wish });
}

export async function unmute(one: MuteOut): Promise<void> {
  await call('chat.unmute', { live: live(), user: one.user, merchant: one.merchant, anywhere: one.anywhere });
  mutes.value = mutes.value.filter((each) => each !== one);
}

export async function addWord(word: string, action: WordOut['action']): Promise<void> {
  const added = await post<WordOut>(`/v1/merchants/${merchant()}/words`, { word, action });
  words.value = [...words.value.filter((each) => each.id !== added.id), added];
}

export async function dropWord(one: WordOut): Promise<void> {
  await remove(`/v1/merchants/${merchant()}/words/${one.id}`);
  words.value = words.value.filter((each) => each.id !== one.id);
}
