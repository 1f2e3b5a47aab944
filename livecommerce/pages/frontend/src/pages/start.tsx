// The front door: what this centre is, what is on, what comes, what was.
import { get } from '../api/http';
import type { LiveOut, PageOf } from '../api/wire';
import { Calico } from '../parts/Calico';
import { Frame } from '../parts/Frame';
import { Icon, type IconName } from '../parts/Icon';
import { Empty, StatePill, useAsked, Waiting } from '../parts/pieces';
import { Picture } from '../parts/Picture';
import { show } from '../parts/show';
import { forViewer } from '../time';
import { told } from '../words/lang';
import { startWords } from '../words/start';

const STEP_ICONS: IconName[] = ['calendar', 'camera', 'mic', 'bag', 'stamp', 'film'];

interface Shown { air: LiveOut[]; coming: LiveOut[]; past: LiveOut[] }

async function read(): Promise<Shown> {
  const of = (states: string) => get<PageOf<LiveOut>>(`/v1/live?state=${states}&limit=24`);
  const [air, coming, past] = await Promise.all([
    of('live,paused,interrupted'), of('ready,scheduled'), of('ended,archived'),
  ]);
  const soon = coming.items.sort((a, b) => Date.parse(a.starts_at) - Date.parse(b.starts_at));
  return { air: air.items, coming: soon, past: past.items };
}

function Hero({ first }: { first: LiveOut | undefined }) {
  const w = startWords.value;
  return (
    <section class="relative overflow-hidden rounded-[1.75rem] bg-indigo-deep text-white shadow-lift">
      <Calico class="absolute inset-0 opacity-[0.22] [mask-image:linear-gradient(100deg,transparent_35%,black)]" id="hero-cloth" />
      <div class="relative max-w-2xl px-6 py-10 sm:px-12 sm:py-16">
        <h1 class="font-serif text-4xl leading-tight font-semibold text-balance sm:text-5xl">{w.heading}</h1>
        <p class="mt-4 max-w-xl leading-relaxed text-white/92 sm:text-lg">{w.lead}</p>
        <div class="mt-7 flex flex-wrap gap-3">
          {first && (
            <a class="btn btn-primary rounded-full px-7 text-base" href={`/live/${first.id}`} data-testid="watch-now">
              <Icon name="play" size={18} fill />{w.watchNow}
            </a>
          )}
          <a class="btn rounded-full border-white/50 bg-white/10 px-7 text-base text-white shadow-none hover:bg-white/20" href="/roster">{w.book}</a>
        </div>
      </div>
    </section>
  );
}

function OnAir({ live, alone }: { live: LiveOut; alone: boolean }) {
  const w = startWords.value;
  return (
    <a href={`/live/${live.id}`} class={`group panel block overflow-hidden transition-shadow hover:shadow-lift ${alone ? 'sm:col-span-2 lg:col-span-3' : ''}`} data-testid="live-card" data-live={live.id}>
      <div class={`relative overflow-hidden ${alone ? 'aspect-[4/3] sm:aspect-[5/2]' : 'aspect-[4/3]'}`}>
        <Picture src={live.cover} class="size-full transition-transform duration-500 group-hover:scale-[1.03]" />
        <div class="absolute inset-0 bg-gradient-to-t from-black/75 via-black/10 to-black/20" />
        <div class="absolute top-3 left-3"><StatePill state={live.state} /></div>
        <div class="absolute inset-x-4 bottom-3 text-white">
          <p class={`font-serif leading-snug font-semibold text-balance ${alone ? 'text-2xl sm:text-4xl' : 'text-xl'}`}>{told(live.title)}</p>
        </div>
      </div>
      <div class="flex items-center gap-3 px-4 py-3">
        <Picture src={live.avatar} class="size-9 shrink-0 overflow-hidden rounded-full" />
        <span class="min-w-0 flex-1 truncate text-sm font-medium">{told(live.merchant_name)}</span>
        <span class="flex items-center gap-1 text-sm font-semibold text-primary">{w.enter}<Icon name="right" size={16} /></span>
      </div>
    </a>
  );
}

function Row({ live, past = false }: { live: LiveOut; past?: boolean }) {
  const w = startWords.value;
  return (
    <a href={`/live/${live.id}`} class="flex items-center gap-4 rounded-2xl p-3 hover:bg-base-200" data-testid="live-row" data-live={live.id}>
      <Picture src={live.cover ?? live.avatar} class="size-16 shrink-0 overflow-hidden rounded-xl" />
      <span class="min-w-0 flex-1">
        <span class="block text-xs font-semibold text-accent">{forViewer(live.starts_at)}</span>
        <span class="block truncate font-semibold">{told(live.title)}</span>
        <span class="block truncate text-sm text-quiet">{w.by(told(live.merchant_name))}</span>
      </span>
      {past ? (
        <span class="flex items-center gap-1 text-sm font-semibold text-indigo"><Icon name="play" size={16} /><span class="max-sm:sr-only">{w.watchReplay}</span></span>
      ) : <StatePill state={live.state} />}
    </a>
  );
}

function Heading({ children, id, note }: { children: string; id: string; note?: string }) {
  return (
    <div class="mb-3 flex flex-wrap items-baseline justify-between gap-2">
      <h2 id={id} class="font-serif text-2xl font-semibold">{children}</h2>
      {note && <p class="text-sm text-quiet">{note}</p>}
    </div>
  );
}

function Start() {
  const w = startWords.value;
  const asked = useAsked(read, []);
  const shown = asked.data;
  return (
    <Frame title={w.heading}>
      <Hero first={shown?.air[0]} />
      <Waiting asked={asked}>
        {({ air, coming, past }) => (
          <>
            <section class="mt-10" aria-labelledby="on-air">
              <Heading id="on-air">{w.onAir}</Heading>
              {air.length > 0 ? (
                <div class="grid gap-5 sm:grid-cols-2 lg:grid-cols-3">{air.map((live) => <OnAir key={live.id} live={live} alone={air.length === 1} />)}</div>
              ) : <div class="panel"><Empty icon="camera" text={w.nothingOnAir} /></div>}
            </section>
            <div class="mt-10 grid gap-8 lg:grid-cols-2">
              <section class="min-w-0" aria-labelledby="coming">
                <Heading id="coming" note={w.times}>{w.coming}</Heading>
                <div class="panel p-2">
                  {coming.length > 0 ? coming.map((live) => <Row key={live.id} live={live} />) : <Empty icon="calendar" text={w.nothingComing} />}
                </div>
              </section>
              {past.length > 0 && (
                <section class="min-w-0" aria-labelledby="past">
                  <Heading id="past">{w.past}</Heading>
                  <div class="panel p-2">{past.map((live) => <Row key={live.id} live={live} past />)}</div>
                </section>
              )}
            </div>
          </>
        )}
      </Waiting>
      <section class="mt-12 mb-6" aria-labelledby="how">
        <Heading id="how">{w.how}</Heading>
        <ol class="grid gap-px overflow-hidden rounded-2xl border border-base-300 bg-base-300 sm:grid-cols-2 lg:grid-cols-6">
          {w.steps.map(([title, text], index) => (
            <li key={title} class="bg-base-100 p-5">
              <span class="grid size-11 place-items-center rounded-full bg-calico text-indigo"><Icon name={STEP_ICONS[index] ?? 'check'} size={22} /></span>
              <p class="mt-3 font-semibold">{title}</p>
              <p class="mt-1 text-sm leading-relaxed text-quiet">{text}</p>
            </li>
          ))}
        </ol>
        <p class="mt-4 text-sm text-quiet">{w.openApiHint} <a class="link font-medium text-indigo" href="/docs">{w.openApi}</a></p>
      </section>
    </Frame>
  );
}

show(Start);
