// The room's socket: the official SDK, one subscription per concern, writes by RPC.
import { Centrifuge, type PublicationContext } from 'centrifuge';
import { get, newKey } from '../api/http';
import { heardPersonal, type PersonalFrame } from '../api/personal';
import type { ChatLine, RoomOut } from '../api/wire';
import { connected, heard, load, type Frame } from './store';

let socket: Centrifuge | null = null;
async function token(live: string): Promise<string> {
  return (await get<{ token: string }>(`/v1/live/${live}/token`)).token;
}

export function join(found: RoomOut, extra: string[] = []): () => void {
  const live = found.live.id;
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  socket = new Centrifuge(`${scheme}://${location.host}/connection/websocket`, {
    getToken: () => token(live),
    name: 'pages',
    minReconnectDelay: 300,
    maxReconnectDelay: 8000,
  });
  socket.on('connected', () => (connected.value = true));
  socket.on('connecting', () => (connected.value = false));
  socket.on('disconnected', () => (connected.value = false));
  socket.on('publication', (context) => {
    if (!context.channel.includes('#')) return;
    heardPersonal(context.data as PersonalFrame);
  });
  for (const kind of ['room', 'cards', 'stock', 'stats', ...extra]) listen(`${kind}:${live}`, found);
  socket.connect();
  return () => {
    socket?.disconnect();
    socket = null;
  };
}

function listen(channel: string, found: RoomOut): void {
  if (!socket) return;
  const since = found.positions[channel];
  const subscription = socket.newSubscription(channel, since ? { since } : {});
  subscription.on('publication', (context: PublicationContext) => heard(context.data as Frame));
  if (channel.startsWith('room:')) {
    // What was missed and cannot be replayed is read again, whole.
    subscription.on('subscribed', (context) => {
      if (context.wasRecovering && !context.recovered) void load(found.live.id);
    });
  }
  subscription.subscribe();
}

export async function call<T>(method: string, data: unknown): Promise<T> {
  if (!socket) throw new Error('the room is not joined');
  await socket.ready(5000);
  return (await socket.rpc(method, data)).data as T;
}

export const speak = (live: string, text: string) => call<Partial<ChatLine>>('chat.say', { live, text, key: newKey() });
