// What the room knows, and how each frame changes it. One room per page, so signals of the module.
import { computed, signal } from '@preact/signals';
import type { CardOut, ChatLine, Explaining, LiveState, RoomOut } from '../api/wire';
import { get } from '../api/http';
import { serverNow } from '../time';
import { currency } from './destination';

export interface CardFrame { card: string | null; segment: string | null; since: string; version: number }

export type Frame =
  | ({ t: 'chat' } & ChatLine)
  | { t: 'del'; id: string }
  | { t: 'state'; state: LiveState; version: number }
  | { t: 'sold'; variant: string; count: number; name: string }
  | ({ t: 'card' } & CardFrame)
  | { t: 'stock'; left: Record<string, number>; version: number }
  | { t: 'stats'; viewers: number; peak: number };

export const room = signal<RoomOut | null>(null);
export const failed = signal<unknown>(null);
export const liveState = signal<LiveState>('scheduled');
export const cards = signal<CardOut[]>([]);
export const explaining = signal<Explaining | null>(null);
export const stock = signal<Record<string, number>>({});
export const viewers = signal(0);
export const chat = signal<ChatLine[]>([]);
export const skipped = signal(0);
/** Counts the times the picture came back: each is a new stream to the player. */
export const streams = signal(0);
export const lastSold = signal<{ name: string; variant: string; count: number } | null>(null);
export const connected = signal(false);
export const cardHidden = signal(false);

/** What is being presented by the studio's clock; viewers see it when their picture gets there. */
export const onStage = signal<string | null>(null);

export const shownCard = computed(() => {
  const now = explaining.value;
  return now ? (cards.value.find((card) => card.id === now.card) ?? null) : null;
});

export const onAir = computed(() => ['live', 'paused', 'interrupted'].includes(liveState.value));
export const over = computed(() => ['ended', 'archived', 'cancelled'].includes(liveState.value));

let stateVersion = -1;
let cardVersion = -1;
let stockVersion = -1;
const coming: CardFrame[] = [];

/** The wall time that the picture on screen shows; the player sets how to know it. */
export const viewed = { at: () => serverNow() };

export async function load(live: string): Promise<void> {
  try {
    take(await get<RoomOut>(`/v1/live/${live}/room?currency=${currency.value}`));
  } catch (error) {
    failed.value = error;
  }
}

export function take(found: RoomOut): void {
  room.value = found;
  failed.value = null;
  if (found.live.version >= stateVersion) become(found.live.state, found.live.version);
  cards.value = [...found.cards].sort((a, b) => a.position - b.position);
  cardVersion = Math.max(cardVersion, found.explaining?.version ?? -1);
  if (coming.length === 0) explaining.value = found.explaining;
  onStage.value = found.explaining?.card ?? null;
  tookHistory(found.chat);
  const left: Record<string, number> = {};
  for (const card of found.cards) for (const variant of card.variants) left[variant.id] = variant.left;
  stock.value = { ...left, ...found.stock };
  viewers.value = found.viewers;
}

function become(state: LiveState, version: number): void {
  stateVersion = version;
  if (state === 'live' && liveState.value === 'interrupted') streams.value += 1;
  liveState.value = state;
}

export function leftOf(variant: string): number {
  return stock.value[variant] ?? 0;
}

export function leftOfCard(card: CardOut): number {
  return card.variants.reduce((total, variant) => total + leftOf(variant.id), 0);
}

export function heard(frame: Frame): void {
  switch (frame.t) {
    case 'chat':
      queueChat(frame);
      break;
    case 'del':
      waiting = waiting.filter((line) => line.id !== frame.id);
      chat.value = chat.value.filter((line) => line.id !== frame.id);
      break;
    case 'state':
      if (frame.version > stateVersion) become(frame.state, frame.version);
      break;
    case 'sold':
      lastSold.value = frame;
      break;
    case 'card':
      if (frame.version <= cardVersion) break;
      cardVersion = frame.version;
      onStage.value = frame.card;
      coming.push(frame);
      showDueCards();
      break;
    case 'stock':
      if (frame.version < stockVersion) break;
      stockVersion = frame.version;
      stock.value = { ...stock.value, ...frame.left };
      break;
    case 'stats':
      viewers.value = frame.viewers;
      break;
  }
}

/** Cards follow the picture: each is shown once the video has reached its moment. */
function showDueCards(): void {
  const at = viewed.at();
  while (coming[0] && Date.parse(coming[0].since) <= at) {
    const due = coming.shift();
    if (!due) break;
    cardHidden.value = false;
    if (due.card && !cards.value.some((card) => card.id === due.card)) void refreshCards();
    explaining.value = due.card
      ? { card: due.card, since: due.since, segment: due.segment ?? '', version: due.version }
      : null;
  }
}
setInterval(showDueCards, 250);

async function refreshCards(): Promise<void> {
  const live = room.value?.live.id;
  if (live) await load(live);
}

// Chat is read by people: two lines a second, and a rush is told as a number.
const KEPT = 120;
const RUSH = 10;
let waiting: ChatLine[] = [];

function queueChat(line: ChatLine): void {
  if (chat.value.some((each) => each.id === line.id)) {
    chat.value = chat.value.map((each) => (each.id === line.id ? line : each));
    return;
  }
  if (waiting.some((each) => each.id === line.id)) return;
  waiting.push(line);
  if (waiting.length > RUSH) {
    skipped.value += waiting.length - RUSH;
    waiting = waiting.slice(-RUSH);
  }
}

/** One's own line, as soon as its id is known; what the room has told of it meanwhile is better. */
export function sayOwn(line: ChatLine): void {
  const heardMeanwhile = waiting.find((each) => each.id === line.id);
  waiting = waiting.filter((each) => each !== heardMeanwhile);
  showLine(heardMeanwhile ?? line);
}

function showLine(line: ChatLine): void {
  if (chat.value.some((each) => each.id === line.id)) return;
  chat.value = [...chat.value, line].slice(-KEPT);
}

/** History arrives at once and is shown at once. */
export function tookHistory(lines: ChatLine[]): void {
  const known = new Set(chat.value.map((line) => line.id));
  chat.value = [...lines.filter((line) => !known.has(line.id)), ...chat.value].slice(-KEPT);
}

setInterval(() => {
  const next = waiting.shift();
  if (next) showLine(next);
  else if (skipped.value) skipped.value = 0;
}, 500);

setInterval(() => {
  if (lastSold.value) lastSold.value = null;
}, 4000);
