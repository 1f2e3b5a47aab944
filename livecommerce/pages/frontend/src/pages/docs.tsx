// A reader of our own API description.
import { useState } from 'preact/hooks';
import { get } from '../api/http';
import { entries, type Description, type Entry } from '../docs/openapi';
import { OperationView } from '../docs/Operation';
import { Frame } from '../parts/Frame';
import { Icon } from '../parts/Icon';
import { Empty, useAsked, Waiting } from '../parts/pieces';
import { show } from '../parts/show';
import { docsWords } from '../words/docs';

function matches(entry: Entry, wanted: string): boolean {
  const text = `${entry.method} ${entry.path} ${entry.operation.summary ?? ''}`.toLowerCase();
  return wanted.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}

function Reader({ description }: { description: Description }) {
  const w = docsWords.value;
  const [wanted, want] = useState('');
  const groups = [...entries(description)]
    .map(([tag, found]) => [tag, found.filter((entry) => matches(entry, wanted))] as const)
    .filter(([, found]) => found.length > 0);
  return (
    <div class="grid items-start gap-6 lg:grid-cols-[13rem_minmax(0,1fr)]">
      <nav aria-label={w.groups} class="no-bar flex gap-1 overflow-x-auto lg:sticky lg:top-20 lg:flex-col">
        {groups.map(([tag, found]) => (
          <a key={tag} href={`#tag-${tag}`} class="flex min-h-11 items-center justify-between gap-3 rounded-lg px-3 text-sm font-medium whitespace-nowrap hover:bg-base-300">{tag}<span class="text-xs text-quiet">{found.length}</span></a>
        ))}
      </nav>
      <div class="min-w-0">
        <label class="input mb-5 flex items-center gap-2">
          <Icon name="search" size={18} class="text-quiet" />
          <span class="sr-only">{w.search}</span>
          <input type="search" class="grow" placeholder={w.search} value={wanted} onInput={(event) => want(event.currentTarget.value)} data-testid="docs-search" />
        </label>
        {groups.length === 0 && <Empty icon="search" text={w.none} />}
        {groups.map(([tag, found]) => (
          <section key={tag} id={`tag-${tag}`} class="mb-6 scroll-mt-20" aria-label={tag}>
            <h2 class="mb-2 font-serif text-xl font-semibold">{tag}</h2>
            <div class="panel overflow-hidden">
              {found.map((entry) => <OperationView key={entry.method + entry.path} entry={entry} description={description} />)}
            </div>
          </section>
        ))}
      </div>
    </div>
  );
}

function Docs() {
  const w = docsWords.value;
  const asked = useAsked(() => get<Description>('/openapi.json'), []);
  return (
    <Frame title={w.title}>
      <div class="mb-5 flex flex-wrap items-end justify-between gap-3">
        <div>
          <h1 class="font-serif text-3xl font-semibold">{w.title}{asked.data && <span class="ml-2 align-middle text-sm font-normal text-quiet">{asked.data.info.title} {asked.data.info.version}</span>}</h1>
          <p class="mt-1 text-sm text-quiet">{w.lead}</p>
        </div>
        <a class="btn btn-quiet" href="/openapi.json"><Icon name="doc" size={18} />{w.raw}</a>
      </div>
      <Waiting asked={asked}>{(description) => <Reader description={description} />}</Waiting>
    </Frame>
  );
}

show(Docs);
