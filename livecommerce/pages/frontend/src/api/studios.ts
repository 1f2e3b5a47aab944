// Bodies of the studios: what can be occupied, by whom it is, a day of it.
import type { Both } from './wire';

export type ResourceKind = 'studio' | 'equipment' | 'crew';

export interface Span { starts_at: string; ends_at: string }

export interface ResourceOut {
  id: string;
  kind: ResourceKind;
  class_key: string;
  class_name: Both;
  name: Both;
  description: Both;
  picture: string | null;
  set_up_minutes: number;
  tear_down_minutes: number;
}

export interface RosterEntry {
  kind: 'use' | 'block';
  during: Span;
  on_air: Span | null;
  booking: string | null;
  merchant: string | null;
  merchant_name: Both | null;
  title: Both | null;
  state: string | null;
}

export interface RosterRow { resource: ResourceOut; open: Span[]; taken: RosterEntry[] }
export interface RosterOut extends Span { day: string; zone: string; rows: RosterRow[] }

export interface BookingOut extends Span {
  id: string;
  merchant: string;
  merchant_name: Both;
  title: Both | null;
  note: string | null;
  state: string;
  studio: string;
  resources: { id: string; kind: ResourceKind; class_key: string; name: Both; during: Span }[];
  booked_at: string;
  expires_at: string | null;
  checked_in_at: string | null;
}
