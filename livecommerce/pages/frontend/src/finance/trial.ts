// The trial balance, currency by currency: does it balance, and by how much not?
import type { EntryOut } from '../api/money';

export interface Trial { currency: string; lines: EntryOut[]; debit: number; credit: number }

/** A part for each currency, in alphabetical order; the sums are in minor units. */
export function byCurrency(lines: EntryOut[]): Trial[] {
  const parts = new Map<string, Trial>();
  for (const line of lines) {
    const { currency, minor } = line.amount;
    const part = parts.get(currency) ?? { currency, lines: [], debit: 0, credit: 0 };
    parts.set(currency, part);
    part.lines.push(line);
    if (minor > 0) part.debit += minor;
    else part.credit -= minor;
  }
  return [...parts.values()].sort((a, b) => a.currency.localeCompare(b.currency));
}
