// A draw as a viewer sees it: take part, see who won, check that it was fair, claim a prize.
import { useState } from 'preact/hooks';
import { get, put } from '../api/http';
import type { Audit, Draw, Prize } from '../api/offers';
import { Icon } from '../parts/Icon';
import { Countdown, Field, useAsked } from '../parts/pieces';
import { Sheet } from '../parts/Sheet';
import { attempt } from '../parts/Toast';
import { told } from '../words/lang';
import { offerWords } from '../words/offers';
import { busy, enterDraw, entered, loadPrizes, prizes } from './offers';

function Check({ draw }: { draw: Draw }) {
  const w = offerWords.value;
  const asked = useAsked(() => get<Audit>(`/v1/draws/${draw.id}`), [draw.id, draw.state]);
  const found = asked.data;
  return (
    <details class="mt-4 text-xs text-quiet" data-testid="draw-audit">
      <summary class="inline-flex min-h-11 items-center gap-1 font-semibold text-indigo">{w.audit}<Icon name="down" size={14} /></summary>
      <p class="leading-relaxed">{w.auditHint}</p>
      <p class="mt-2">{w.promised}: <code class="break-all">{draw.seed_hash}</code></p>
      {found?.seed && <p class="mt-1">{w.seed}: <code class="break-all">{found.seed}</code></p>}
      {found?.verified && <p class="mt-1 inline-flex items-center gap-1 font-semibold text-success" data-testid="draw-verified"><Icon name="check" size={15} />{w.verified}</p>}
    </details>
  );
}

function AddressForm({ prize }: { prize: Prize }) {
  const w = offerWords.value;
  const [s, set] = useState({ name: '', street: '', country: 'CN', phone: '' });
  const sound = s.name.trim() !== '' && s.street.trim() !== '' && /^[A-Z]{2}$/.test(s.country) && s.phone.length >= 4;
  async function send(): Promise<void> {
    await put(`/v1/prizes/${prize.id}/address`, { name: s.name, lines: [s.street], country: s.country, phone: s.phone });
    await loadPrizes();
  }
  if (prize.state === 'claimed') return <p class="mt-3 rounded-xl bg-[#eaf5ee] p-3 text-sm text-success">{w.addressKept}</p>;
  return (
    <form class="mt-3 grid gap-3 rounded-2xl border border-base-300 p-3" onSubmit={(event) => { event.preventDefault(); void attempt(send); }} data-testid="prize-form">
      <p class="text-sm font-semibold text-success">{w.youWonPrize}</p>
      <Field label={w.name}><input class="input" maxLength={100} value={s.name} onInput={(event) => set({ ...s, name: event.currentTarget.value })} /></Field>
      <Field label={w.street}><input class="input" maxLength={200} value={s.street} onInput={(event) => set({ ...s, street: event.currentTarget.value })} /></Field>
      <div class="grid grid-cols-2 gap-3">
        <Field label={w.country}><input class="input" maxLength={2} value={s.country} onInput={(event) => set({ ...s, country: event.currentTarget.value.toUpperCase() })} /></Field>
        <Field label={w.phone}><input class="input" inputMode="tel" maxLength={30} value={s.phone} onInput={(event) => set({ ...s, phone: event.currentTarget.value })} /></Field>
      </div>
      <button type="submit" class="btn btn-success btn-block" disabled={!sound}>{w.save}</button>
    </form>
  );
}

export function DrawSheet({ draw, onClose }: { draw: Draw; onClose: () => void }) {
  const w = offerWords.value;
  const mine = prizes.value.find((each) => each.draw === draw.id);
  const open = draw.state === 'open';
  return (
    <Sheet open title={w.draw} onClose={onClose} testid="draw-sheet">
      <div class="px-5 pt-4 pb-6">
        <div class="rounded-2xl bg-[#fdf3df] p-4 text-center">
          <p class="font-serif text-2xl font-semibold">{w.prizes(told(draw.prize), draw.prizes)}</p>
          <p class="mt-1 text-sm text-quiet">{w.conditions[draw.condition]}{draw.condition === 'watch' && ` (${draw.watch_s} s)`} · {w.entries(draw.entries)}</p>
          {open && <p class="mt-1 text-sm">{w.drawsIn} <Countdown until={draw.closes_at} class="font-bold text-primary" /></p>}
        </div>
        {open ? (
          <button type="button" class="btn btn-primary btn-block mt-4 rounded-full text-base" disabled={entered.value === draw.id || busy.value !== ''} onClick={() => void attempt(() => enterDraw(draw.id))} data-testid="enter-draw">
            {entered.value === draw.id ? w.entered : w.enter}
          </button>
        ) : (
          <p class="mt-4" data-testid="draw-winners"><span class="eyebrow">{w.winners}</span><br /><span class="font-semibold">{draw.winners.join(', ') || w.noWinners}</span></p>
        )}
        {mine && <AddressForm prize={mine} />}
        <Check draw={draw} />
      </div>
    </Sheet>
  );
}
