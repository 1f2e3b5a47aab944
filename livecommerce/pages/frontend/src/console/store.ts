// What those who run a session do: explain, arrange, price, change its state.
import { signal } from '@preact/signals';
import { ask, get, newKey, post, put, remove } from '../api/http';
import type { IngestOut, Light, LiveOut, LiveState } from '../api/wire';
import { cards, liveState, load, onStage, room } from '../room/store';

export const lights = signal<Light[]>([]);
export const ingest = signal<IngestOut | null>(null);
export const issued = signal<IngestOut | null>(null);
export const busy = signal('');

function live(): string {
  const id = room.value?.live.id;
  if (!id) throw new Error('the room has not been read');
  return id;
}

export async function look(): Promise<void> {
  const [found, at] = await Promise.all([
    get<Light[]>(`/v1/live/${live()}/checklist`).catch(() => null),
    get<IngestOut>(`/v1/live/${live()}/ingest`).catch(() => null),
  ]);
  if (found) lights.value = found;
  if (at) ingest.value = at;
}

async function during(what: string, work: () => Promise<void>): Promise<void> {
  if (busy.value) return;
  busy.value = what;
  try {
    await work();
  } finally {
    busy.value = '';
  }
}

export const explain = (card: string) => during(`explain ${card}`, async () => {
  await post(`/v1/live/${live()}/cards/${card}/explain`, {}, newKey());
  onStage.value = card;
});

export const stopExplaining = () => during('stop', async () => {
  await remove(`/v1/live/${live()}/explain`);
  onStage.value = null;
});

export type Change = 'ready' | 'pause' | 'resume' | 'end' | 'cancel';

export const OFFERED: Record<LiveState, Change[]> = {
  draft: ['cancel'],
  scheduled: ['ready', 'cancel'],
  ready: ['cancel'],
  live: ['pause', 'end'],
  paused: ['resume', 'end'],
  interrupted: ['end'],
  ended: [],
  archived: [],
  cancelled: [],
};

export const change = (to: Change) => during(to, async () => {
  const row = await post<LiveOut>(`/v1/live/${live()}/${to}`, {}, newKey());
  liveState.value = row.state;
  await Promise.all([load(row.id), look()]);
});

export const issueKey = () => during('key', async () => {
  issued.value = await post<IngestOut>(`/v1/live/${live()}/ingest`);
  ingest.value = issued.value;
});

export const move = (card: string, by: number) => during('move', async () => {
  const order = cards.value.map((each) => each.id);
  const from = order.indexOf(card);
  const to = from + by;
  if (to < 0 || to >= order.length) return;
  order.splice(to, 0, ...order.splice(from, 1));
  const known = new Map(cards.value.map((each) => [each.id, each]));
  const before = cards.value;
  cards.value = order.flatMap((id) => known.get(id) ?? []);
  await put(`/v1/live/${live()}/cards`, { cards: order }).catch((error: unknown) => {
    cards.value = before;
    throw error;
  });
});

export const takeOff = (card: string) => during('remove', async () => {
  await remove(`/v1/live/${live()}/cards/${card}`);
  await Promise.all([load(live()), look()]);
});

export const addCard = (product: string, prices: Record<string, number>) => during('add', async () => {
  await post(`/v1/live/${live()}/cards`, { product, prices }, newKey());
  await Promise.all([load(live()), look()]);
});

export const priceCard = (card: string, prices: Record<string, number>) => during('price', async () => {
  await ask('PATCH', `/v1/live/${live()}/cards/${card}`, { body: { prices } });
  await load(live());
});
