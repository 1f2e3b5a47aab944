// How a live session sells, as the API tells it.
import type { Money } from './wire';

export interface SalesSpan { claimed: number; placed: number; paid: number; pieces: number; revenue: Money[] }

export interface SalesOut {
  at: string;
  minutes: number;
  held: number;
  whole: SalesSpan;
  last: SalesSpan;
  before: SalesSpan;
}
