// What buyer, seller and centre write about an order: text, shown as text.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { MessageOut, ThreadOut } from '../api/buyer';
import { get, newKey, post, put } from '../api/http';
import { forViewer } from '../time';
import { buyerWords } from '../words/buyer';
import { Icon } from './Icon';
import { attempt } from './Toast';

function Bubble({ message, seen }: { message: MessageOut; seen: boolean }) {
  const w = buyerWords.value;
  const { mine } = message;
  return (
    <li class={`flex flex-col ${mine ? 'items-end' : 'items-start'}`} data-testid="message" data-side={message.side}>
      <span class="mb-0.5 px-1 text-xs text-quiet">{mine ? w.you : `${message.name} · ${w.sides[message.side]}`} · <time dateTime={message.sent_at}>{forViewer(message.sent_at)}</time></span>
      <span lang="" dir="auto" class={`max-w-[85%] rounded-2xl px-4 py-2.5 text-sm leading-relaxed break-words whitespace-pre-wrap ${mine ? 'rounded-br-md bg-indigo text-white' : 'rounded-bl-md bg-base-200'}`}>{message.text}</span>
      {mine && seen && <span class="mt-0.5 px-1 text-xs text-quiet">{w.read}</span>}
    </li>
  );
}

export function Lines({ thread }: { thread: ThreadOut }) {
  const w = buyerWords.value;
  const seen = thread.side === 'buyer' ? thread.seen_by_merchant : thread.seen_by_buyer;
  const last = thread.messages.filter((each) => each.mine && each.number <= seen).at(-1);
  if (thread.messages.length === 0) return <p class="text-sm leading-relaxed text-quiet">{w.noMessages}</p>;
  return (
    <ol class="flex flex-col gap-3" aria-live="polite">
      {thread.messages.map((each) => <Bubble key={each.id} message={each} seen={each === last} />)}
    </ol>
  );
}

export function Messages({ order }: { order: string }) {
  const w = buyerWords.value;
  const [thread, set] = useState<ThreadOut | null>(null);
  const [text, type] = useState('');
  const [sending, send] = useState(false);
  const key = useRef(newKey());
  const path = `/v1/orders/${order}/messages`;

  useEffect(() => {
    const look = async () => {
      const found = await get<ThreadOut>(path);
      set(found);
      const last = found.messages.at(-1)?.number ?? 0;
      if (found.unread > 0 && !document.hidden) await put(`${path}/read`, { number: last });
    };
    const quietly = () => void look().catch(() => undefined);
    quietly();
    const timer = setInterval(quietly, 6000);
    return () => clearInterval(timer);
  }, []);

  async function write(event: Event): Promise<void> {
    event.preventDefault();
    if (!text.trim() || sending) return;
    send(true);
    await attempt(async () => {
      set(await post<ThreadOut>(path, { text }, key.current));
      key.current = newKey();
      type('');
    });
    send(false);
  }

  if (!thread) return null;
  return (
    <section class="panel p-5" aria-label={w.messages} id="messages" data-testid="messages">
      <h2 class="mb-3 flex items-center gap-2 font-serif text-xl font-semibold">{w.messages}{thread.unread > 0 && <span class="tag bg-primary text-primary-content">{w.unread(thread.unread)}</span>}</h2>
      <Lines thread={thread} />
      <form class="mt-4 flex items-end gap-2" onSubmit={(event) => void write(event)}>
        <textarea
          class="textarea min-h-11 flex-1 leading-relaxed" rows={2} maxLength={2000} aria-label={w.writeLabel} placeholder={w.write}
          value={text} onInput={(event) => type(event.currentTarget.value)} data-testid="message-text"
        />
        <button type="submit" class="btn btn-primary btn-square" aria-label={w.send} title={w.send} disabled={!text.trim() || sending} data-testid="message-send"><Icon name="send" /></button>
      </form>
    </section>
  );
}
