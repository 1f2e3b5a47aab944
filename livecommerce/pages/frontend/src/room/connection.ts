// The room's socket: the official SDK, one subscription per concern, writes by RPC.
import { Centrifuge, UnauthorizedError, type PublicationContext } from 'centrifuge';
import { get, newKey, Problem } from '../api/http';
import { heardPersonal, type PersonalFrame } from '../api/personal';
import type { ChatLine, RoomOut } from '../api/wire';
import { connected, cutOff, heard, missedSome, type Frame } from './store';

let socket: Centrifuge | null = null;
async function token(live: string): Promise<string> {
  try {
    return (await get<{ token: string }>(`/v1/live/${live}/token`)).token;
  } catch (error) {
    // Whoever is banned need not ask again; any other failure may pass.
    if (error instanceof Problem && error.code === 'banned') throw new UnauthorizedError(error.title);
    throw error;
  }
}

// Codes after which the SDK does not come back; a Centrifugo has the application's beside its own.
const SENT = new Set([1, 3503, 3507, 4503, 4507]);
const WINDOWS = new Set([3504, 4504]);

function ended(code: number): void {
  connected.value = false;
  if (code === 0) return; // by this page itself
  cutOff.value = SENT.has(code) ? 'sent' : WINDOWS.has(code) ? 'windows' : 'refused';
}

/** ``order`` hears what only those hear who keep the room's order. */
export function join(found: RoomOut, order?: (frame: never) => void): () => void {
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
  socket.on('disconnected', (context) => ended(context.code));
  socket.on('publication', (context) => {
    if (!context.channel.includes('#')) return;
    heardPersonal(context.data as PersonalFrame);
  });
  for (const kind of ['room', 'cards', 'stock', 'offers', 'stats', 'react']) listen(`${kind}:${live}`, found);
  if (found.me.roles.length > 0) listen(`stats:${live}/team`, found); // the team is no audience
  if (order) listen(`mod:${live}`, found, order as (frame: unknown) => void);
  socket.connect();
  return () => {
    socket?.disconnect();
    socket = null;
  };
}

function listen(channel: string, found: RoomOut, take = (frame: unknown) => heard(frame as Frame)): void {
  if (!socket) return;
  const since = found.positions[channel];
  const subscription = socket.newSubscription(channel, since ? { since } : {});
  subscription.on('publication', (context: PublicationContext) => take(context.data));
  if (channel.startsWith('room:')) {
    subscription.on('unsubscribed', (context) => {
      if (context.code === 103 || context.code === 2000) cutOff.value = 'sent';
    });
    // What was missed and cannot be replayed is read again, whole.
    subscription.on('subscribed', (context) => {
      if (context.wasRecovering && !context.recovered) missedSome();
    });
  }
  subscription.subscribe();
}

export async function call<T>(method: string, data: unknown): Promise<T> {
  if (!socket) throw new Error('the room is not joined');
  await socket.ready(5000);
  return (await socket.rpc(method, data)).data as T;
}

export const speak = (live: string, text: string) => call<Partial<ChatLine> & { held?: boolean }>('chat.say', { live, text, key: newKey() });
