// The sides of a posting, each with its account, whose it is, and its amount.
import { get } from '../api/http';
import type { EntryOut, MerchantOut } from '../api/money';
import { money } from '../money';
import { told } from '../words/lang';
import { accountName, moneyWords } from '../words/money';

export type Names = Map<string, string>;

/** What merchants are called, by id. */
export async function merchantNames(): Promise<Names> {
  const merchants = await get<MerchantOut[]>('/v1/merchants');
  return new Map(merchants.map((each) => [each.id, told(each.name)]));
}

export function Entries({ entries, names }: { entries: EntryOut[]; names: Names }) {
  const w = moneyWords.value;
  return (
    <ul class="flex flex-col gap-0.5" data-testid="entries">
      {entries.map((each, at) => (
        <li key={at} class="flex items-baseline gap-2">
          <span class="shrink-0 text-quiet">{each.amount.minor > 0 ? w.debit : w.credit}</span>
          <span class="min-w-0 flex-1 break-words">
            {accountName(each.account)}{each.owner && <> · <b>{names.get(each.owner) ?? each.owner}</b></>}
          </span>
          <span class="font-semibold whitespace-nowrap">{money({ ...each.amount, minor: Math.abs(each.amount.minor) })}</span>
        </li>
      ))}
    </ul>
  );
}
