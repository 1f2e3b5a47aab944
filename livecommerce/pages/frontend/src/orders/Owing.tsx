// A refund that did not reach the buyer: what is owed, said where nobody can miss it.
import { me } from '../api/me';
import type { OrderOut } from '../api/wire';
import { Icon } from '../parts/Icon';
import { money } from '../money';
import { orderWords } from '../words/order';

export function Owing({ order }: { order: OrderOut }) {
  if (order.owed.minor <= 0) return null;
  const w = orderWords.value;
  const buys = order.buyer === me.value?.id;
  return (
    <section class="mb-5 rounded-2xl bg-[#f9ebcf] p-4 text-[#6d4300]" role="status" data-testid="owed">
      <p class="flex items-start gap-2 font-semibold"><Icon name="alert" size={20} class="mt-0.5 shrink-0" /><span>{(buys ? w.owedToYou : w.owedToBuyer)(money(order.owed))}</span></p>
      <a class="inline-flex min-h-11 items-center gap-1 text-sm font-semibold text-indigo" href="#refunds" data-testid="to-refunds"><Icon name="down" size={16} />{w.toRefunds}</a>
    </section>
  );
}
