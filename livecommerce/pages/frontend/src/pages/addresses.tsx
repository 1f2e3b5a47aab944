// The addresses one keeps: look, add, change, remove.
import { useEffect, useState } from 'preact/hooks';
import { Fields, useForm } from '../account/Fields';
import { forget, keep, loadSaved, saved, unfit, wrongOf, type Wrong } from '../account/addresses';
import type { AddressField, SavedAddress } from '../api/buyer';
import { Barred } from '../parts/Barred';
import { Frame } from '../parts/Frame';
import { Icon } from '../parts/Icon';
import { Empty, Field } from '../parts/pieces';
import { Sheet } from '../parts/Sheet';
import { show } from '../parts/show';
import { attempt, sayProblem } from '../parts/Toast';
import { EMPTY } from '../room/buying';
import { country, countryName } from '../room/destination';
import { buyerWords } from '../words/buyer';
import { shared } from '../words/shared';

const FRESH: SavedAddress = { id: '', label: '', address: EMPTY, default: false };

function Editor({ begun, done }: { begun: SavedAddress; done: () => void }) {
  const w = buyerWords.value;
  const [kept, put] = useState<SavedAddress>(() => ({ ...begun, address: { ...EMPTY, ...begun.address, country: begun.address.country || country.value } }));
  const [wrong, mark] = useState<Wrong>({});
  const [busy, work] = useState(false);
  const form = useForm(kept.address.country);

  function set(name: AddressField, value: string): void {
    mark((before) => ({ ...before, [name]: undefined }));
    const more = name === 'country' ? { region: '' } : {};
    put((before) => ({ ...before, address: { ...before.address, ...more, [name]: value } }));
  }

  async function save(event: Event): Promise<void> {
    event.preventDefault();
    const found = unfit(kept.address, form);
    mark(found);
    if (Object.keys(found).length > 0) return;
    work(true);
    try {
      await keep(begun.id || null, { label: kept.label, address: kept.address, default: kept.default });
      done();
    } catch (error) {
      mark(wrongOf(error) ?? {});
      sayProblem(error);
    } finally {
      work(false);
    }
  }

  const footer = <button type="submit" form="kept-form" class="btn btn-primary btn-block rounded-full text-base" disabled={busy} data-testid="save-address">{w.save}</button>;
  return (
    <Sheet open title={begun.id ? w.editAddress : w.newAddress} onClose={done} footer={footer} testid="address-sheet">
      <form id="kept-form" class="grid grid-cols-6 gap-x-3 gap-y-3.5 px-4 py-4" onSubmit={(event) => void save(event)} data-testid="kept-form">
        <Field label={w.label} class="col-span-6"><input class="input" name="label" maxLength={40} value={kept.label} onInput={(event) => put({ ...kept, label: event.currentTarget.value })} /></Field>
        <Fields address={kept.address} form={form} wrong={wrong} set={set} />
        {!begun.default && (
          <label class="col-span-6 flex min-h-11 items-center gap-2.5 text-sm"><input type="checkbox" class="checkbox" checked={kept.default} onChange={(event) => put({ ...kept, default: event.currentTarget.checked })} />{w.makeDefault}</label>
        )}
      </form>
    </Sheet>
  );
}

function Card({ kept, edit }: { kept: SavedAddress; edit: () => void }) {
  const w = buyerWords.value;
  const { address } = kept;
  const title = kept.label || address.name;
  return (
    <li class="panel flex flex-col p-5" data-testid="address-card">
      <p class="flex items-center gap-2 font-semibold"><span class="min-w-0 truncate">{title}</span>{kept.default && <span class="tag bg-calico text-indigo">{w.isDefault}</span>}</p>
      <address class="mt-1.5 text-sm leading-relaxed break-words not-italic">
        {kept.label && <>{address.name}<br /></>}{address.line1}{address.line2 && <><br />{address.line2}</>}<br />
        {[address.postcode, address.city, address.region].filter(Boolean).join(' ')}<br />{countryName(address.country)}<br />{address.phone}
      </address>
      <div class="mt-auto flex gap-2 pt-3">
        <button type="button" class="btn btn-quiet rounded-full" onClick={edit}>{w.edit}</button>
        <button type="button" class="btn btn-ghost btn-square" aria-label={w.removeLine(title)} onClick={() => void attempt(() => forget(kept.id))} data-testid="forget-address"><Icon name="trash" size={18} /></button>
      </div>
    </li>
  );
}

function Addresses() {
  const w = buyerWords.value;
  const [error, fail] = useState<unknown>(null);
  const [editing, edit] = useState<SavedAddress | null>(null);
  const again = () => void loadSaved().then(() => fail(null), fail);
  useEffect(again, []);
  const found = saved.value;
  return (
    <Frame title={w.addresses}>
      <div class="mb-5 flex flex-wrap items-end justify-between gap-3">
        <div><h1 class="font-serif text-3xl font-semibold">{w.addresses}</h1><p class="mt-1 text-sm text-quiet">{w.addressesHint}</p></div>
        <button type="button" class="btn btn-secondary rounded-full px-5" onClick={() => edit(FRESH)} data-testid="new-address"><Icon name="plus" size={18} />{w.newAddress}</button>
      </div>
      {!found && error !== null && <Barred error={error} again={again} />}
      {!found && error === null && <p class="py-16 text-center" role="status"><span class="loading loading-dots loading-lg text-secondary" /><span class="sr-only">{shared.value.loading}</span></p>}
      {found && found.length === 0 && <div class="panel"><Empty icon="home" text={w.noAddresses} /></div>}
      {found && <ul class="grid gap-4 sm:grid-cols-2 lg:grid-cols-3">{found.map((kept) => <Card key={kept.id} kept={kept} edit={() => edit(kept)} />)}</ul>}
      {editing && <Editor begun={editing} done={() => edit(null)} />}
    </Frame>
  );
}

show(Addresses);
