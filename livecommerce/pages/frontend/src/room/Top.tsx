// Who sells and how many watch: over the picture, on top of everything, never covered.
import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { LangSwitch } from '../parts/Frame';
import { Icon } from '../parts/Icon';
import { Picture } from '../parts/Picture';
import { Sheet } from '../parts/Sheet';
import { say } from '../parts/Toast';
import { compact } from '../money';
import { lasting, second } from '../time';
import { told } from '../words/lang';
import { roomWords } from '../words/room';
import { connected, cutOff, liveState, onAir, over, room, viewers } from './store';

export const sellerOpen = signal(false);

export async function share(): Promise<void> {
  const url = location.origin + location.pathname;
  const title = told(room.value?.live.title);
  if (navigator.share) {
    await navigator.share({ url, title }).catch(() => undefined);
    return;
  }
  await navigator.clipboard.writeText(url);
  say(roomWords.value.linkCopied);
}

function LiveTag() {
  const w = roomWords.value;
  const live = room.value?.live;
  if (!live || (!onAir.value && !over.value)) return null;
  if (over.value) {
    return <span class="rounded-md bg-black/60 px-2 py-1 text-xs font-bold text-white">{w.replay}</span>;
  }
  const lasted = live.started_at ? (second.value - Date.parse(live.started_at)) / 1000 : 0;
  return (
    <span class="inline-flex items-center gap-1.5 rounded-md bg-primary px-2 py-1 text-xs font-bold text-white" data-testid="live-tag" data-state={liveState.value}>
      <span class={`size-1.5 rounded-full bg-white ${liveState.value === 'live' ? 'breathe' : ''}`} />
      {w.live}
      {lasted > 0 && <span class="font-medium tabular-nums">{lasting(lasted)}</span>}
    </span>
  );
}

export function ViewerCount() {
  const w = roomWords.value;
  const shown = compact(viewers.value);
  return (
    <span class="scrim inline-flex h-9 items-center gap-1.5 rounded-full px-3 text-sm font-semibold" data-testid="viewers" data-count={viewers.value} aria-label={w.viewers(shown)} role="img">
      <Icon name="eye" size={17} />
      {shown}
    </span>
  );
}

export function SellerChip() {
  const w = roomWords.value;
  const seller = room.value?.seller;
  if (!seller) return null;
  return (
    <button
      type="button" data-testid="seller-chip" onClick={() => (sellerOpen.value = true)}
      class="scrim flex min-h-11 max-w-full min-w-0 items-center gap-1.5 rounded-full py-1 pr-2.5 pl-3 text-xs font-medium"
    >
      <Icon name="shield" size={16} class="text-[#f3c173]" />
      <span class="truncate">{w.seller}: {told(seller.legal_name)}</span>
      <Icon name="right" size={14} class="opacity-80" />
    </button>
  );
}

export function Top({ framed = false }: { framed?: boolean }) {
  const w = roomWords.value;
  const found = room.value;
  return (
    <div class="absolute inset-x-0 top-0 z-20 px-3 pt-[max(0.5rem,env(safe-area-inset-top))] text-white">
      <div class="flex items-center gap-2">
        <div class="scrim flex h-11 min-w-0 items-center gap-2 rounded-full py-1 pr-4 pl-1">
          <Picture src={found?.seller.avatar} class="size-9 shrink-0 overflow-hidden rounded-full" />
          <div class="min-w-0 leading-tight">
            <p class="truncate text-[13px] font-bold">{told(found?.seller.name)}</p>
            <p class="truncate text-[11px] opacity-90">{told(found?.live.title)}</p>
          </div>
        </div>
        <div class="ml-auto flex shrink-0 items-center gap-1.5">
          {!over.value && <ViewerCount />}
          {!framed && (
            <a href="/" class="scrim grid size-11 place-items-center rounded-full" aria-label={w.leave} data-testid="leave">
              <Icon name="close" />
            </a>
          )}
        </div>
      </div>
      <div class="mt-1 flex items-center gap-1.5">
        <SellerChip />
        <div class="ml-auto flex shrink-0 items-center gap-1.5">
          <LiveTag />
          {!framed && <LangSwitch short class="scrim grid size-11 place-items-center rounded-full text-xs font-bold" />}
        </div>
      </div>
      {found && !over.value && cutOff.value && (
        <p class="mt-1.5 inline-flex items-center gap-2 rounded-full bg-black/60 px-3 py-1 text-xs" role="alert" data-testid="cut-off" data-why={cutOff.value}>
          <Icon name="alert" size={14} />{w.cutOff[cutOff.value]}
        </p>
      )}
      {found && onAir.value && !connected.value && !cutOff.value && (
        <p class="mt-1.5 inline-flex items-center gap-2 rounded-full bg-black/60 px-3 py-1 text-xs" role="status">
          <span class="loading loading-ring loading-xs" />{w.reconnecting}
        </p>
      )}
    </div>
  );
}

function Row({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    <div class="border-b border-dashed border-base-300 py-3 last:border-0">
      <dt class="eyebrow">{label}</dt>
      <dd class="mt-0.5 text-[15px] leading-relaxed break-words">{children}</dd>
    </div>
  );
}

export function SellerSheet() {
  const w = roomWords.value;
  const seller = room.value?.seller;
  if (!seller) return null;
  return (
    <Sheet open={sellerOpen.value} title={w.sellerInfo} onClose={() => (sellerOpen.value = false)} testid="seller-sheet">
      <div class="px-5 pt-4 pb-6">
        <div class="flex items-center gap-3">
          <Picture src={seller.avatar} class="size-14 overflow-hidden rounded-2xl" />
          <p class="font-serif text-xl font-semibold">{told(seller.name)}</p>
        </div>
        <dl class="mt-3">
          <Row label={w.legalName}>{told(seller.legal_name)}</Row>
          <Row label={w.uscc}>{seller.uscc}</Row>
          {seller.licence && <Row label={w.licence}>{seller.licence}</Row>}
          <Row label={w.address}>{told(seller.address)}</Row>
          <Row label={w.contact}>{seller.contact}</Row>
        </dl>
        <p class="mt-2 rounded-xl bg-base-200 p-3 text-sm text-quiet">{w.sellerNote}</p>
      </div>
    </Sheet>
  );
}
