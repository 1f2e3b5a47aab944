// The room as viewers see it, picture, card and chat at their own delay.
import { ChatLog } from '../room/Chat';
import { ExplainCard } from '../room/ExplainCard';
import { SoundButton } from '../room/Player';
import { SoldNote, Stage } from '../room/Stage';
import { room } from '../room/store';
import { consoleWords } from '../words/console';

export function Preview() {
  const w = consoleWords.value;
  const video = room.value?.video;
  return (
    <section class="flex min-h-0 flex-1 flex-col items-center gap-2" aria-label={w.preview}>
      <div class="relative aspect-[9/16] min-h-0 w-full max-w-[25rem] flex-1 overflow-hidden rounded-3xl shadow-lift lg:w-auto" data-testid="preview">
        <Stage framed />
        <div class="absolute inset-x-0 bottom-0 z-10 flex flex-col gap-2 p-3">
          <SoldNote />
          <div inert class="flex flex-col gap-2">
            <ChatLog onPicture class="max-h-32 w-4/5" />
            <ExplainCard />
          </div>
          <div class="flex justify-end"><SoundButton /></div>
        </div>
      </div>
      <p class="text-xs text-quiet">{w.preview}{video && ` · ${w.previewHint(String(video.latency_s))}`}</p>
    </section>
  );
}
