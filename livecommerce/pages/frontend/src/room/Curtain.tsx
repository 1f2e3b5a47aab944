// What stands over the picture when there is none: before, between and after.
import { Calico } from '../parts/Calico';
import { Countdown } from '../parts/pieces';
import { forViewer } from '../time';
import { roomWords } from '../words/room';
import { told } from '../words/lang';
import { playing } from './Player';
import { liveState, over, room } from './store';

export function Curtain() {
  const w = roomWords.value;
  const found = room.value;
  if (!found) return null;
  const state = liveState.value;
  if (over.value && found.replay) return null;
  if (state === 'live') {
    if (playing.value || found.video) return null;
    return <Plain title={w.noVideo} hint={w.curtainHint['interrupted'] ?? ''} />;
  }
  const coming = state === 'scheduled' || state === 'ready' || state === 'draft';
  const broken = state === 'interrupted' || state === 'paused';
  return (
    <div class={`absolute inset-0 overflow-hidden ${broken ? 'bg-black/55 backdrop-blur-md' : 'bg-indigo-deep'}`} data-testid="curtain" data-state={state}>
      {!broken && <Calico class="absolute inset-0 opacity-[0.16]" id="curtain-cloth" />}
      <div class="absolute inset-x-0 top-[27%] px-8 text-center text-white">
        {state === 'interrupted' && <span class="loading loading-ring loading-lg mb-2 text-[#f3c173]" />}
        <p class="font-serif text-3xl font-semibold text-balance">{w.curtain[state]}</p>
        {coming && (
          <>
            <p class="mt-3 text-base text-balance opacity-95">{told(found.live.title)}</p>
            {Date.parse(found.live.starts_at) > Date.now() && (
              <p class="mt-5">
                <span class="block text-sm opacity-90">{w.startsIn}</span>
                <Countdown until={found.live.starts_at} class="font-serif text-5xl" />
              </p>
            )}
            <p class="mt-2 text-sm opacity-90">{forViewer(found.live.starts_at)}</p>
          </>
        )}
        <p class="mx-auto mt-4 max-w-xs text-[15px] leading-relaxed text-balance opacity-95">{w.curtainHint[state]}</p>
      </div>
    </div>
  );
}

function Plain({ title, hint }: { title: string; hint: string }) {
  return (
    <div class="absolute inset-0 grid place-items-center bg-black/40 px-8 text-center text-white" data-testid="curtain" data-state="no-video">
      <div>
        <p class="font-serif text-2xl font-semibold">{title}</p>
        <p class="mt-2 text-sm opacity-95">{hint}</p>
      </div>
    </div>
  );
}
