// A product's pictures: sent, put in order, told in words.
import { useState } from 'preact/hooks';
import { upload } from '../api/http';
import type { PictureOut } from '../api/wire';
import { Icon } from '../parts/Icon';
import { Picture } from '../parts/Picture';
import { attempt } from '../parts/Toast';
import { productWords } from '../words/product';
import { Section } from './Words';
import { merchant } from './ShopFrame';
import type { Draft } from './draft';

type Shown = Draft['pictures'];

function Card({ pictures, n, put }: { pictures: Shown; n: number; put: (to: Shown) => void }) {
  const w = productWords.value;
  const each = pictures[n];
  if (!each) return null;
  const move = (by: number) => {
    const to = [...pictures];
    to.splice(n, 1);
    to.splice(n + by, 0, each);
    put(to);
  };
  const say = (lang: 'zh' | 'en') => (event: { currentTarget: { value: string } }) =>
    put(pictures.map((one, i) => (i === n ? { ...one, [lang]: event.currentTarget.value } : one)));
  return (
    <li class="overflow-hidden rounded-2xl border border-base-300 bg-base-100" data-testid="picture" data-address={each.address}>
      <div class="relative">
        <Picture src={each.address} alt={each.zh || each.en} class="aspect-square w-full" />
        {n === 0 && <span class="tag absolute top-2 left-2 bg-indigo text-white">{w.first}</span>}
      </div>
      <div class="flex items-center border-b border-base-300">
        <button type="button" class="btn btn-ghost btn-square" disabled={n === 0} aria-label={w.earlier} onClick={() => move(-1)} data-testid="earlier"><Icon name="left" size={18} /></button>
        <button type="button" class="btn btn-ghost btn-square" disabled={n === pictures.length - 1} aria-label={w.later} onClick={() => move(1)}><Icon name="right" size={18} /></button>
        <button type="button" class="btn btn-ghost btn-square ml-auto" aria-label={w.removePicture} onClick={() => put(pictures.filter((_, i) => i !== n))}><Icon name="trash" size={18} /></button>
      </div>
      <div class="flex flex-col gap-2 p-2">
        <input class="input" lang="zh-CN" placeholder={w.altZh} aria-label={w.altZh} maxLength={200} value={each.zh} onInput={say('zh')} />
        <input class="input" lang="en" placeholder={w.altEn} aria-label={w.altEn} maxLength={200} value={each.en} onInput={say('en')} />
      </div>
    </li>
  );
}

export function Pictures({ pictures, put }: { pictures: Shown; put: (to: Shown) => void }) {
  const w = productWords.value;
  const [waiting, wait] = useState(0);
  const [over, hover] = useState(false);
  async function send(files: FileList | null | undefined): Promise<void> {
    const all = [...(files ?? [])].slice(0, 20 - pictures.length);
    let shown = pictures;
    for (const [n, file] of all.entries()) {
      wait(all.length - n);
      const made = await attempt(() => upload<PictureOut>(`/v1/merchants/${merchant()}/pictures`, file));
      if (made && !shown.some((each) => each.address === made.picture)) {
        shown = [...shown, { address: made.picture, zh: '', en: '' }];
        put(shown);
      }
    }
    wait(0);
  }
  return (
    <Section title={w.pictures} hint={w.pictureHint} testid="pictures">
      <ul class="grid grid-cols-2 gap-3 sm:grid-cols-3">
        {pictures.map((each, n) => <Card key={each.address} pictures={pictures} n={n} put={put} />)}
        <li
          class={`flex min-h-44 flex-col items-center justify-center gap-2 rounded-2xl border-2 border-dashed p-3 text-center ${over ? 'border-indigo bg-calico/50' : 'border-base-300'}`}
          onDragOver={(event) => {
            event.preventDefault();
            hover(true);
          }}
          onDragLeave={() => hover(false)}
          onDrop={(event) => {
            event.preventDefault();
            hover(false);
            void send(event.dataTransfer?.files);
          }}
        >
          <Icon name="camera" size={26} class="text-quiet" />
          <span class="text-xs text-quiet">{waiting > 0 ? w.uploading : w.dropPictures}</span>
          <label class={`btn btn-secondary ${waiting > 0 ? 'btn-disabled' : ''}`}>
            {waiting > 0 && <span class="loading loading-spinner loading-sm" />}{w.upload}
            <input
              type="file" class="sr-only" accept="image/*" multiple disabled={waiting > 0} data-testid="picture-file"
              onChange={(event) => {
                void send(event.currentTarget.files);
                event.currentTarget.value = '';
              }}
            />
          </label>
        </li>
      </ul>
    </Section>
  );
}
