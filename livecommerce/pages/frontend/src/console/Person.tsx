// Somebody of the audience, to be muted or removed: for how long, why, and how far it reaches.
import { useState } from 'preact/hooks';
import type { ChatLine } from '../api/wire';
import { Field } from '../parts/pieces';
import { Sheet } from '../parts/Sheet';
import { attempt, say } from '../parts/Toast';
import { moderationWords } from '../words/moderation';
import { silence } from './order';

const MINUTES = [10, 60, 24 * 60];
const SHORT = 60;

export function PersonSheet({ line, onClose }: { line: ChatLine; onClose: () => void }) {
  const w = moderationWords.value;
  const [ban, banned] = useState(false);
  const [minutes, last] = useState<number | null>(60);
  const [merchant, further] = useState(false);
  // A guest is somebody else as soon as a cookie is gone; for so short a time others may share it.
  const usual = line.user.startsWith('gst_') && minutes !== null && minutes <= SHORT;
  const [chosen, alike] = useState<boolean | null>(null);
  const address = chosen ?? usual;
  const [reason, put] = useState('');
  return (
    <Sheet open drawer title={w.person(line.name)} onClose={onClose} testid="person-sheet">
      <form
        class="flex flex-col gap-3 px-5 py-4"
        onSubmit={(event) => {
          event.preventDefault();
          void attempt(async () => {
            await silence({ user: line.user, minutes, ban, merchant, address, reason: reason.trim() });
            say(w.done);
            onClose();
          });
        }}
      >
        <p class="rounded-xl bg-base-200 p-3 text-sm break-words">{line.text}</p>
        <Field label={w.what}>
          <select class="select" value={ban ? 'ban' : 'mute'} onChange={(event) => banned(event.currentTarget.value === 'ban')} data-testid="person-what">
            <option value="mute">{w.muteThem}</option><option value="ban">{w.banThem}</option>
          </select>
        </Field>
        <Field label={w.where}>
          <select class="select" value={merchant ? 'merchant' : 'room'} onChange={(event) => further(event.currentTarget.value === 'merchant')} data-testid="person-where">
            <option value="room">{w.here}</option><option value="merchant">{w.allRooms}</option>
          </select>
        </Field>
        <Field label={w.howLong}>
          <select class="select" value={String(minutes ?? '')} onChange={(event) => last(event.currentTarget.value ? Number(event.currentTarget.value) : null)} data-testid="person-long">
            {MINUTES.map((n) => <option key={n} value={String(n)}>{n < 60 ? w.minutes(n) : w.hours(n / 60)}</option>)}
            <option value="">{w.forGood}</option>
          </select>
        </Field>
        <Field label={w.reason}>
          <input class="input" maxLength={200} value={reason} onInput={(event) => put(event.currentTarget.value)} data-testid="person-reason" />
        </Field>
        <label class="flex min-h-11 items-start gap-3 text-sm">
          <input type="checkbox" class="checkbox" checked={address} data-testid="person-address" onChange={(event) => alike(event.currentTarget.checked)} />
          <span>{w.address}<span class="block text-xs text-quiet">{w.addressHint}</span></span>
        </label>
        <button type="submit" class="btn btn-primary" data-testid="person-confirm">{w.confirm}</button>
      </form>
    </Sheet>
  );
}
