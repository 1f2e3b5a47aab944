// The picture: hls.js where it works, the browser's own player on iOS; it also keeps the video's clock.
import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { serverNow } from '../time';
import { roomWords } from '../words/room';
import { Icon } from '../parts/Icon';
import { viewed } from './store';

export const muted = signal(true);
export const playing = signal(false);
export const landscape = signal(false);

/** Where the replay stands; seeking goes through `seekTo`. */
export const position = signal(0);
export const length = signal(0);
let element: HTMLVideoElement | null = null;

export function seekTo(seconds: number): void {
  if (!element) return;
  element.currentTime = seconds;
  void element.play().catch(() => undefined);
}

export function togglePlay(): void {
  if (!element) return;
  if (element.paused) void element.play().catch(() => undefined);
  else element.pause();
}

interface Props {
  src: string;
  poster: string | null;
  live: boolean;
  latency: number;
  onReady?: () => void;
}

export function Player({ src, poster, live, latency, onReady }: Props) {
  const video = useRef<HTMLVideoElement>(null);
  const w = roomWords.value;

  useEffect(() => {
    const node = video.current;
    if (!node) return undefined;
    element = node;
    let stopped = false;
    let close = () => undefined as void;
    const start = () => void node.play().catch(() => undefined);
    void (async () => {
      const { default: Hls } = await import('hls.js/light');
      if (stopped) return;
      if (!Hls.isSupported()) {
        node.src = src;
        start();
        return;
      }
      // Chapters come with the room; cue tracks of the player's own would be `data:` media,
      // which the policy refuses.
      const hls = new Hls({
        liveSyncDurationCount: 2,
        backBufferLength: 10,
        enableDateRangeMetadataCues: false,
        enableEmsgMetadataCues: false,
        enableID3MetadataCues: false,
      });
      let retry: ReturnType<typeof setTimeout> | undefined;
      hls.on(Hls.Events.MANIFEST_PARSED, start);
      hls.on(Hls.Events.ERROR, (_event, problem) => {
        if (!problem.fatal) return;
        playing.value = false;
        if (problem.type === Hls.ErrorTypes.MEDIA_ERROR) hls.recoverMediaError();
        else retry = setTimeout(() => { hls.loadSource(src); hls.startLoad(); }, 2000);
      });
      hls.loadSource(src);
      hls.attachMedia(node);
      if (live) {
        viewed.at = () => {
          if (!playing.value) return serverNow();
          return hls.playingDate?.getTime() ?? serverNow() - latency * 1000;
        };
      }
      close = () => {
        clearTimeout(retry);
        hls.destroy();
      };
    })();
    return () => {
      stopped = true;
      close();
      viewed.at = serverNow;
      playing.value = false;
      element = null;
    };
  }, [src, live, latency]);

  const shape = landscape.value && live
    ? 'absolute inset-x-0 top-[22%] w-full lg:top-1/2 lg:-translate-y-1/2'
    : 'absolute inset-0 size-full object-cover';
  return (
    <>
      {poster && (
        <img src={poster} alt="" class="absolute inset-0 size-full scale-110 object-cover opacity-70 blur-2xl" />
      )}
      <video
        ref={video} muted={muted.value} playsInline autoPlay poster={poster ?? undefined} aria-label={w.video}
        class={shape} data-testid="video"
        onLoadedMetadata={(event) => {
          const { videoWidth, videoHeight, duration } = event.currentTarget;
          landscape.value = videoWidth > videoHeight;
          length.value = Number.isFinite(duration) ? duration : 0;
          onReady?.();
        }}
        onPlaying={() => (playing.value = true)}
        onPause={() => (playing.value = false)}
        onTimeUpdate={(event) => (position.value = event.currentTarget.currentTime)}
      />
    </>
  );
}

export function SoundButton({ class: extra = '' }: { class?: string }) {
  const w = roomWords.value;
  return (
    <button
      type="button" class={`grid size-11 place-items-center rounded-full scrim ${extra}`}
      aria-pressed={!muted.value} aria-label={muted.value ? w.soundOn : w.soundOff}
      onClick={() => (muted.value = !muted.value)} data-testid="sound"
    >
      <Icon name={muted.value ? 'mute' : 'sound'} />
    </button>
  );
}
