// Endpoints and their deliveries as the API tells them.
import type { PageOf } from '../api/wire';
import { ask, get, newKey, post, remove } from '../api/http';

export interface Endpoint {
  id: string;
  merchant: string | null;
  url: string;
  note: string;
  events: string[];
  state: 'on' | 'off';
  off_because: string | null;
  failing_since: string | null;
  old_secret_until: string | null;
  waiting: number;
}

export interface EventType { type: string; topic: string; says: string }

export interface Delivery {
  id: string;
  event: string;
  type: string;
  state: 'waiting' | 'delivered' | 'failed';
  replay: boolean;
  tries: number;
  made_at: string;
  next_at: string | null;
  status: number | null;
  error: string | null;
  ms: number | null;
}

export interface Attempt {
  number: number;
  at: string;
  status: number | null;
  error: string | null;
  ms: number;
  response: string;
}

export interface Detail extends Delivery { body: unknown; attempts: Attempt[] }

export interface Wish { url: string; note: string; events: string[] }

const at = (endpoint: string) => `/v1/webhooks/${endpoint}`;

export const types = () => get<EventType[]>('/v1/webhook-types');
export const endpoints = (merchant: string | null) =>
  get<Endpoint[]>(`/v1/webhooks${merchant ? `?merchant=${merchant}` : ''}`);
export const make = (merchant: string | null, wish: Wish) =>
  post<Endpoint & { secret: string }>('/v1/webhooks', { merchant, ...wish });
export const change = (endpoint: string, body: Partial<Wish> & { on?: boolean }) =>
  ask<Endpoint>('PATCH', at(endpoint), { body });
export const drop = (endpoint: string) => remove(at(endpoint));
export const rotate = (endpoint: string, overlap_hours: number) =>
  post<{ secret: string }>(`${at(endpoint)}/secret`, { overlap_hours });
export const test = (endpoint: string) => post<Delivery>(`${at(endpoint)}/test`, {}, newKey());
export const deliveries = (endpoint: string, state: string, cursor = '') =>
  get<PageOf<Delivery>>(`${at(endpoint)}/deliveries?limit=25${state ? `&state=${state}` : ''}${cursor ? `&cursor=${cursor}` : ''}`);
export const delivery = (endpoint: string, id: string) => get<Detail>(`${at(endpoint)}/deliveries/${id}`);
export const again = (endpoint: string, id: string) =>
  post<Delivery>(`${at(endpoint)}/deliveries/${id}/replay`, {}, newKey());
export const againRange = (endpoint: string, since: string, until: string) =>
  post<{ deliveries: number }>(`${at(endpoint)}/replays`, { since, until, only_missed: true }, newKey());
