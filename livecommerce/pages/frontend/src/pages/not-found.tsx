// An address that leads nowhere.
import { Frame } from '../parts/Frame';
import { Empty } from '../parts/pieces';
import { show } from '../parts/show';
import { shared } from '../words/shared';

function NotFound() {
  const w = shared.value;
  return (
    <Frame title={w.lostTitle}>
      <div class="mx-auto max-w-xl pt-8 text-center" data-testid="not-found">
        <h1 class="font-serif text-3xl font-semibold">{w.lostTitle}</h1>
        <Empty icon="search" text={w.lost}><a class="btn btn-secondary" href="/">{w.home}</a></Empty>
      </div>
    </Frame>
  );
}

show(NotFound);
