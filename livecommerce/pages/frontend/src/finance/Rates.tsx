// Which day's exchange rates are in use, and the button that fetches newer ones.
import { useState } from 'preact/hooks';
import { get, post } from '../api/http';
import type { RatesOut } from '../api/money';
import { useAsked } from '../parts/pieces';
import { attempt, say } from '../parts/Toast';
import { dayAndTime, longDay } from '../time';
import { moneyWords } from '../words/money';

const dated = (on: string) => longDay(`${on}T12:00:00Z`);

export function Rates() {
  const w = moneyWords.value;
  const asked = useAsked(() => get<RatesOut>('/v1/rates'), []);
  const [newer, put] = useState<RatesOut | null>(null);
  const rates = newer ?? asked.data;
  if (!rates) return null;
  const refresh = () => attempt(async () => {
    const told = await post<RatesOut>('/v1/rates/refresh', {});
    put(told);
    if (told.on) say(w.ratesRefreshed(dated(told.on)));
  });
  const since = rates.pinned ? w.ratesPinned : rates.fetched_at ? w.ratesFetched(dayAndTime(rates.fetched_at)) : w.ratesShipped;
  return (
    <p class="mb-4 flex flex-wrap items-center gap-x-3 gap-y-1 text-sm text-quiet" data-testid="rates">
      <span>{rates.on ? `${w.ratesOf(dated(rates.on))} · ${since}` : w.noRates}</span>
      {rates.too_old && <span class="font-semibold text-error">{w.ratesTooOld(rates.refused_after_days)}</span>}
      {rates.may_refresh && <button type="button" class="btn btn-ghost btn-sm" onClick={() => void refresh()} data-testid="refresh-rates">{w.refreshRates}</button>}
    </p>
  );
}
