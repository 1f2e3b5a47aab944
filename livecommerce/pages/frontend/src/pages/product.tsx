// The product editor: words, pictures, dimensions, and the grid of variants they make.
import { useState } from 'preact/hooks';
import { get, post, remove } from '../api/http';
import type { NoteOut, ProductOut } from '../api/wire';
import { boot } from '../boot';
import { Icon } from '../parts/Icon';
import { useAsked, Waiting } from '../parts/pieces';
import { show } from '../parts/show';
import { attempt, say } from '../parts/Toast';
import { Dimensions } from '../shop/Dimensions';
import { blank, draftOf, regrid, sound, type Draft } from '../shop/draft';
import { Pictures } from '../shop/Pictures';
import { change, create } from '../shop/save';
import { merchant, ShopFrame } from '../shop/ShopFrame';
import { Variants } from '../shop/Variants';
import { Cloth, Customs, Names } from '../shop/Words';
import { told } from '../words/lang';
import { productWords } from '../words/product';
import { shared } from '../words/shared';

const number = boot.ids['product'];
const FORM = 'product-form';

/** The same as at the form's end, for who has come to change one thing at its top. */
function SaveButton() {
  return <button type="submit" form={FORM} class="btn btn-primary min-w-32" data-testid="save-top">{productWords.value.save}</button>;
}

function Notes({ product }: { product: ProductOut }) {
  const asked = useAsked(() => get<NoteOut[]>(`/v1/products/${product.id}/notes`), [product.version]);
  if (!asked.data || asked.data.length === 0) return null;
  return (
    <ul class="mb-4 flex flex-col gap-1.5 rounded-2xl border border-[#ead9b0] bg-[#fdf7e7] p-4 text-sm" data-testid="notes">
      {asked.data.map((note) => <li key={note.code} class="flex gap-2" data-code={note.code}><Icon name="info" size={18} class="text-warning" />{told(note.text)}</li>)}
    </ul>
  );
}

function Editor({ product, onSaved }: { product: ProductOut | null; onSaved: (to: ProductOut) => void }) {
  const w = productWords.value;
  const [before] = useState<Draft>(() => (product ? draftOf(product) : blank()));
  const [draft, write] = useState(before);
  const [busy, work] = useState(false);
  const [tried, tryIt] = useState(false);
  const put = (to: Partial<Draft>) => write((now) => ({ ...now, ...to }));
  const ready = sound(draft);
  async function save(): Promise<void> {
    tryIt(true);
    if (!ready) return say(w.missing, true);
    work(true);
    const saved = await attempt(() => (product ? change(product, before, draft) : create(draft, merchant())));
    work(false);
    if (!saved) return undefined;
    say(product ? w.saved : w.created);
    return onSaved(saved);
  }
  return (
    <form
      id={FORM} data-testid="editor" data-version={product?.version ?? 0} noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <div class="grid gap-4 xl:grid-cols-[1fr_26rem]">
        <div class="flex min-w-0 flex-col gap-4">
          <Names draft={draft} put={put} />
          <Dimensions dimensions={draft.dimensions} there={product !== null} put={(dimensions) => write((now) => regrid({ ...now, dimensions }))} />
          <Variants draft={draft} put={put} tried={tried} />
        </div>
        <div class="flex min-w-0 flex-col gap-4">
          <Pictures pictures={draft.pictures} put={(pictures) => put({ pictures })} />
          <Cloth draft={draft} put={put} />
          <Customs draft={draft} put={put} />
        </div>
      </div>
      <div class="mt-4 flex items-center justify-end gap-2">
        {tried && !ready && <span role="alert" class="mr-auto text-sm font-semibold text-error">{w.missing}</span>}
        <a class="btn btn-quiet" href="/products">{shared.value.back}</a>
        <button type="submit" class="btn btn-primary min-w-32" disabled={busy} data-testid="save">
          {busy && <span class="loading loading-spinner loading-sm" />}{busy ? w.saving : w.save}
        </button>
      </div>
    </form>
  );
}

function ArchiveButton({ product, onDone }: { product: ProductOut; onDone: (to: ProductOut) => void }) {
  const w = productWords.value;
  async function turn(): Promise<void> {
    const path = `/v1/products/${product.id}`;
    const done = await attempt(async () => {
      if (product.archived) return post<ProductOut>(`${path}/unarchive`);
      await remove(path);
      return get<ProductOut>(path);
    });
    if (done) onDone(done);
  }
  return <button type="button" class="btn btn-quiet" onClick={() => void turn()} data-testid="archive">{product.archived ? w.unarchive : w.archive}</button>;
}

function Existing({ id }: { id: string }) {
  const w = productWords.value;
  const asked = useAsked(() => get<ProductOut>(`/v1/products/${id}`), [id]);
  return (
    <ShopFrame
      here="products" title={asked.data ? told(asked.data.title) : w.edit}
      actions={asked.data && <><ArchiveButton product={asked.data} onDone={asked.set} /><SaveButton /></>}
    >
      <Waiting asked={asked}>
        {(product) => (
          <>
            {product.archived && <p class="mb-4 rounded-2xl bg-base-300 p-4 text-sm font-semibold">{w.archivedNote}</p>}
            <Notes product={product} />
            <Editor key={product.version} product={product} onSaved={asked.set} />
          </>
        )}
      </Waiting>
    </ShopFrame>
  );
}

function Product() {
  const w = productWords.value;
  if (number) return <Existing id={number} />;
  return (
    <ShopFrame here="products" title={w.new} actions={<SaveButton />}>
      <Editor product={null} onSaved={(made) => location.assign(`/products/${made.id}`)} />
    </ShopFrame>
  );
}

show(Product);
