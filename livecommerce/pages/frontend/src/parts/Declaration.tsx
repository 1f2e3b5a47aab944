// A declaration and its messages, with the XML of each at hand.
import { useEffect } from 'preact/hooks';
import { get } from '../api/http';
import type { DeclarationOut } from '../api/wire';
import { told } from '../words/lang';
import { orderWords } from '../words/order';
import { differs } from '../words/problems';
import { Icon } from './Icon';
import { useAsked, Waiting } from './pieces';

const SETTLED = new Set(['released', 'closed', 'rejected', 'cancelled', 'draft']);

export function Declaration({ id }: { id: string }) {
  const w = orderWords.value;
  const asked = useAsked(() => get<DeclarationOut>(`/v1/declarations/${id}`), [id]);
  const state = asked.data?.state;
  useEffect(() => {
    if (state && SETTLED.has(state)) return undefined;
    const timer = setInterval(asked.again, 3000);
    return () => clearInterval(timer);
  }, [state]);
  return (
    <Waiting asked={asked}>
      {(found) => (
        <div data-testid="declaration" data-state={found.state}>
          <p class="flex flex-wrap items-center gap-2 text-sm">
            <span class="font-semibold">{w.declaration}</span>
            <span class={`tag ${found.state === 'rejected' ? 'bg-[#fbe3dd] text-error' : ['released', 'closed', 'accepted'].includes(found.state) ? 'bg-[#e3efe6] text-success' : 'bg-[#f9ebcf] text-[#6d4300]'}`}>{w.declarationStates[found.state] ?? found.state}</span>
            {found.inventory_number && <span class="text-xs text-quiet">{w.inventory} {found.inventory_number}</span>}
          </p>
          {found.differences.length > 0 && (
            <div class="mt-2 rounded-xl bg-[#fdf2ec] p-3 text-sm">
              <p class="font-semibold text-error">{w.differences}</p>
              <ul class="mt-1">{found.differences.map((each) => <li key={each.rule + each.field}>{differs(each)}</li>)}</ul>
            </div>
          )}
          <ul class="mt-2 divide-y divide-dashed divide-base-300">
            {found.messages.map((message) => (
              <li key={message.kind} class="flex items-center gap-3 py-1 text-sm">
                <span class="min-w-0 flex-1">
                  <span class="font-medium">{w.kinds[message.kind] ?? message.kind}</span>
                  <span class="block truncate text-xs text-quiet">CEB{message.kind}Message · {w.declarationStates[message.state] ?? message.state}{message.status && ` (${message.status})`} {message.info ?? ''}</span>
                </span>
                <a class="flex min-h-11 items-center gap-1 px-2 text-xs font-semibold text-indigo" href={message.href} target="_blank" rel="noreferrer" data-testid={`xml-${message.kind}`}><Icon name="doc" size={16} />XML</a>
              </li>
            ))}
          </ul>
          <p class="mt-2 text-xs text-quiet">{told(found.preparation_only)}</p>
        </div>
      )}
    </Waiting>
  );
}
