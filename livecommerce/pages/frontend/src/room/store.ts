// What the room knows, and how each frame changes it. One room per page, so signals of the module.
import { computed, signal } from '@preact/signals';
import type { Announcement, CardOut, ChatLine, ChatRules, Explaining, LiveState, RoomOut, VariantOut } from '../api/wire';
import { get, Problem } from '../api/http';
import { NO_OFFERS, type Offers } from '../api/offers';
import { serverNow } from '../time';
import { currency } from './destination';

export interface CardFrame {
  card: string | null; segment: string | null; since: string | null; times: Record<string, number>; version: number;
}

export type Frame =
  | ({ t: 'chat' } & ChatLine)
  | { t: 'del'; id: string }
  | { t: 'state'; state: LiveState; version: number }
  | { t: 'sold'; variant: string; count: number; name: string; more: number }
  | ({ t: 'card' } & CardFrame)
  | { t: 'stock'; left: Record<string, number>; low: number; version: number }
  | { t: 'soldout' | 'restock'; variant: string; left: number; version: number }
  | { t: 'price'; card: string; currency: string; prices: Record<string, number>; version: number }
  | { t: 'stats'; viewers: number; peak: number }
  | { t: 'more'; n: number }
  | { t: 'shelf'; version: number }
  | { t: 'replay'; replay: string }
  | { t: 'react'; n: Record<string, number> }
  | ({ t: 'offers' } & Offers)
  | ({ t: 'settings' } & ChatRules)
  | ({ t: 'announcement' } & Announcement);

const USUAL: ChatRules = { slow: 0, approve: false, links: false, speakers: 'all', paused: false, version: -1 };

export const room = signal<RoomOut | null>(null);
export const failed = signal<unknown>(null);
export const liveState = signal<LiveState>('scheduled');
export const cards = signal<CardOut[]>([]);
export const explaining = signal<Explaining | null>(null);
export const stock = signal<Record<string, number>>({});
/** From so many left on, viewers are told how many. */
export const few = signal(10);
export const offers = signal<Offers>(NO_OFFERS);
export const viewers = signal(0);
export const chat = signal<ChatLine[]>([]);
export const skipped = signal(0);
/** Counts the times the picture came back: each is a new stream to the player. */
export const streams = signal(0);
export const lastSold = signal<{ name: string; variant: string; count: number; more: number } | null>(null);
/** What has just sold out, or is back; shown for a moment. */
export const lastTurn = signal<{ variant: string; back: boolean } | null>(null);
export const connected = signal(false);
export const chatRules = signal<ChatRules>(USUAL);
export const announcement = signal<Announcement>({ text: '', version: -1, at: null });
/** Hearts that came in the last second; each change is a new burst. */
export const hearts = signal({ n: 0, burst: 0 });
/** Why this screen is out of the room for good: sent away, one window too many, or refused. */
export const cutOff = signal<'sent' | 'windows' | 'refused' | null>(null);
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
let shelfVersion = -1;
const gone = new Set<string>();
const coming: CardFrame[] = [];

/** The wall time that the picture on screen shows; the player sets how to know it. */
export const viewed = { at: () => serverNow() };

export async function load(live: string): Promise<void> {
  const asked = doubted;
  try {
    take(await get<RoomOut>(`/v1/live/${live}/room?currency=${currency.value}`), asked);
  } catch (error) {
    failed.value = error;
    if (error instanceof Problem && error.code === 'banned') cutOff.value = 'sent';
    else if (doubted) setTimeout(readAgainSoon, RETRY * (1 + Math.random()));
  }
}

const RETRY = 3000;
/** Everybody comes back at once when a process was restarted; so long may it take to read, in ms. */
const RETURNING = 8000;
/** Lines from before a gap that could not be closed: what was deleted in it, nobody tells. */
let doubted: Set<string> | null = null;

/** The room was away, and what was missed cannot be replayed: it is read again, whole. */
export function missedSome(): void {
  doubted = new Set([...(doubted ?? []), ...[...chat.value, ...waiting].map((line) => line.id)]);
  readAgainSoon(RETURNING);
}

export function take(found: RoomOut, doubtful: Set<string> | null = null): void {
  room.value = found;
  failed.value = null;
  if (found.live.version >= stateVersion) become(found.live.state, found.live.version);
  if (found.shelf_version >= shelfVersion) {
    shelfVersion = found.shelf_version;
    cards.value = [...found.cards].sort((a, b) => a.position - b.position);
  }
  if (found.shelf_version >= cardVersion) {
    cardVersion = found.shelf_version;
    if (coming.length === 0) explaining.value = found.explaining;
    onStage.value = found.explaining?.card ?? null;
  }
  if (found.chat_rules.version >= chatRules.value.version) chatRules.value = found.chat_rules;
  if (found.announcement.version >= announcement.value.version) announcement.value = found.announcement;
  if (doubtful) forgetBut(doubtful, found.chat);
  tookHistory(found.chat);
  if (found.stock_version >= stockVersion) {
    stockVersion = found.stock_version;
    stock.value = found.stock;
    few.value = found.stock_low;
  }
  if (found.offers.version >= offers.value.version) offers.value = found.offers;
  viewers.value = found.viewers;
}

/** New prices at once, in the viewer's currency by the rate shown before; the shelf is read again soon. */
function reprice(card: string, prices: Record<string, number>): void {
  const priced = (variant: VariantOut): VariantOut => {
    const minor = prices[variant.id] ?? variant.price.minor;
    const shown = variant.shown && variant.price.minor > 0
      ? { ...variant.shown, minor: Math.round((variant.shown.minor * minor) / variant.price.minor) }
      : variant.shown;
    return { ...variant, price: { ...variant.price, minor }, shown };
  };
  cards.value = cards.value.map((each) => (each.id === card ? { ...each, variants: each.variants.map(priced) } : each));
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
      gone.add(frame.id);
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
      cards.value = cards.value.map((card) => ({ ...card, explained_times: frame.times[card.id] ?? 0 }));
      coming.push(frame);
      showDueCards();
      break;
    case 'stock':
      if (frame.version <= stockVersion) break;
      stockVersion = frame.version;
      stock.value = frame.left;
      few.value = frame.low;
      break;
    case 'soldout':
    case 'restock':
      // A late one is old news: what is left decides.
      if (frame.version >= stockVersion) lastTurn.value = { variant: frame.variant, back: frame.t === 'restock' };
      break;
    case 'price':
      if (frame.version > shelfVersion) reprice(frame.card, frame.prices);
      break;
    case 'stats':
      viewers.value = frame.viewers;
      break;
    case 'more':
      skipped.value += frame.n;
      break;
    case 'shelf':
      if (frame.version > shelfVersion) readAgainSoon();
      break;
    case 'replay':
      readAgainSoon();
      break;
    case 'react':
      hearts.value = { n: Object.values(frame.n).reduce((sum, n) => sum + n, 0), burst: hearts.value.burst + 1 };
      break;
    case 'offers':
      if (frame.version > offers.value.version) offers.value = frame;
      break;
    case 'settings':
      if (frame.version > chatRules.value.version) chatRules.value = frame;
      break;
    case 'announcement':
      if (frame.version > announcement.value.version) announcement.value = frame;
      break;
  }
}

/** Cards follow the picture: each is shown once the video has reached its moment. */
function showDueCards(): void {
  const at = viewed.at();
  while (coming[0] && (!coming[0].since || Date.parse(coming[0].since) <= at)) {
    const due = coming.shift();
    if (!due) break;
    cardHidden.value = false;
    if (due.card && !cards.value.some((card) => card.id === due.card)) void refreshCards();
    explaining.value = due.card && due.since
      ? { card: due.card, since: due.since, segment: due.segment ?? '', version: due.version }
      : null;
  }
}
setInterval(showDueCards, 250);

let reading = false;

/** A full room must not ask all at once: each screen waits a moment of its own, ``most`` ms. */
export function readAgainSoon(most = 3000): void {
  if (reading) return;
  reading = true;
  setTimeout(() => {
    reading = false;
    void refreshCards();
  }, Math.random() * Math.min(most, 50 + viewers.value));
}

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

/** Of the lines in doubt, those stay that the room still tells. */
function forgetBut(doubtful: Set<string>, told: ChatLine[]): void {
  if (doubtful === doubted) doubted = null;
  const still = new Set(told.map((line) => line.id));
  const stays = (line: ChatLine) => !doubtful.has(line.id) || still.has(line.id);
  waiting = waiting.filter(stays);
  chat.value = chat.value.filter(stays);
}

/** History arrives at once and is shown at once. */
export function tookHistory(lines: ChatLine[]): void {
  const known = new Set([...gone, ...[...chat.value, ...waiting].map((line) => line.id)]);
  const before = lines.filter((line) => !known.has(line.id));
  if (before.length === 0) return;
  const at = (line: ChatLine) => Date.parse(line.at);
  chat.value = [...before, ...chat.value].sort((a, b) => at(a) - at(b)).slice(-KEPT);
}

setInterval(() => {
  const next = waiting.shift();
  if (next) showLine(next);
  else if (skipped.value) skipped.value = 0;
}, 500);

setInterval(() => {
  if (lastSold.value) lastSold.value = null;
  if (lastTurn.value) lastTurn.value = null;
}, 4000);
