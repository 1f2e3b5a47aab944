// The secret, shown once; and how to get another.
import { useState } from 'preact/hooks';
import { Icon } from '../parts/Icon';
import { CopyButton, Field } from '../parts/pieces';
import { Sheet } from '../parts/Sheet';
import { attempt } from '../parts/Toast';
import { hookWords } from '../words/webhooks';
import { rotate, type Endpoint } from './store';

export function SecretSheet({ secret, onClose }: { secret: string; onClose: () => void }) {
  const w = hookWords.value;
  return (
    <Sheet
      open title={w.secretTitle} onClose={onClose} testid="secret-sheet"
      footer={<button type="button" class="btn btn-primary w-full" onClick={onClose} data-testid="secret-saved">{w.secretSaved}</button>}
    >
      <div class="flex flex-col gap-3 px-5 py-5">
        <p class="flex items-start gap-2 text-sm font-semibold"><Icon name="key" class="text-primary" />{w.secretOnce}</p>
        <div class="flex items-center gap-2">
          <code class="min-w-0 flex-1 rounded-xl bg-base-200 p-3 text-sm break-all" data-testid="secret">{secret}</code>
          <CopyButton text={secret} label={w.secretTitle} />
        </div>
        <p class="text-xs leading-relaxed text-quiet">{w.secretHow}</p>
      </div>
    </Sheet>
  );
}

export function RotateSheet({ endpoint, onClose, onSecret }: {
  endpoint: Endpoint; onClose: () => void; onSecret: (secret: string) => void;
}) {
  const w = hookWords.value;
  const [hours, put] = useState(24);
  async function turn(): Promise<void> {
    const made = await attempt(() => rotate(endpoint.id, hours));
    if (made) onSecret(made.secret);
  }
  return (
    <Sheet
      open title={w.rotate} onClose={onClose} testid="rotate-sheet"
      footer={<button type="button" class="btn btn-primary w-full" onClick={() => void turn()} data-testid="rotate-now">{w.rotate}</button>}
    >
      <div class="flex flex-col gap-4 px-5 py-5">
        <p class="text-sm leading-relaxed">{w.rotateLead}</p>
        <Field label={w.overlap}>
          <select class="select w-full" value={String(hours)} onChange={(event) => put(Number(event.currentTarget.value))}>
            {[0, 24, 72, 168].map((n) => <option key={n} value={n}>{w.hours(n)}</option>)}
          </select>
        </Field>
      </div>
    </Sheet>
  );
}
