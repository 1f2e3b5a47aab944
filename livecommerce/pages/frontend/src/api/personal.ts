// What only this person is told, over the room's private channel: payments, orders, holds.
export interface PersonalFrame {
  t: string;
  checkout?: string;
  order?: string;
  state?: string;
  version?: number;
}

type Listener = (frame: PersonalFrame) => void;

const listeners = new Set<Listener>();

/** Returns how to stop listening. */
export function onPersonal(listener: Listener): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

export function heardPersonal(frame: PersonalFrame): void {
  for (const listener of listeners) listener(frame);
}
