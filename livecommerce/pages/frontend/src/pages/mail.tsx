// The mail that the system wrote and nobody delivered.
import { useState } from 'preact/hooks';
import { get, Problem } from '../api/http';
import { Frame } from '../parts/Frame';
import { Empty, useAsked, Waiting } from '../parts/pieces';
import { show } from '../parts/show';
import { clockTime, dayAndTime } from '../time';
import { docsWords } from '../words/docs';

interface Caught {
  id: string;
  caught_at: string;
  sender: string;
  recipients: string[];
  subject: string;
  text: string;
  html: string | null;
}

function Message({ mail }: { mail: Caught }) {
  const w = docsWords.value;
  return (
    <article class="panel min-w-0 p-6" data-testid="mail-open">
      <h2 class="font-serif text-2xl leading-snug font-semibold break-words">{mail.subject}</h2>
      <p class="mt-2 text-sm break-words text-quiet">{w.from} {mail.sender} · {w.to} {mail.recipients.join(', ')} · {dayAndTime(mail.caught_at)}</p>
      <div class="rule mt-4 pt-4 text-[15px] leading-relaxed break-words whitespace-pre-wrap">{mail.text}</div>
    </article>
  );
}

function Box({ mails }: { mails: Caught[] }) {
  const w = docsWords.value;
  const [opened, open] = useState<string | null>(mails[0]?.id ?? null);
  if (mails.length === 0) return <div class="panel"><Empty icon="mail" text={w.noMail} /></div>;
  const shown = mails.find((mail) => mail.id === opened);
  return (
    <div class="grid grid-cols-[minmax(0,1fr)] items-start gap-5 lg:grid-cols-[22rem_minmax(0,1fr)]">
      <ul class="panel max-h-[70dvh] overflow-y-auto p-2 thin-bar" data-testid="mail-list">
        {mails.map((mail) => (
          <li key={mail.id}>
            <button type="button" aria-pressed={mail.id === opened} onClick={() => open(mail.id)} class={`w-full rounded-xl px-3 py-2.5 text-left ${mail.id === opened ? 'bg-calico' : 'hover:bg-base-200'}`} data-testid="mail-row">
              <span class="flex justify-between gap-2 text-xs text-quiet"><span class="truncate">{mail.recipients.join(', ')}</span><span>{clockTime(mail.caught_at)}</span></span>
              <span class="block truncate text-sm font-semibold">{mail.subject}</span>
            </button>
          </li>
        ))}
      </ul>
      {shown ? <Message mail={shown} /> : <Empty icon="mail" text={w.pick} />}
    </div>
  );
}

function Mail() {
  const w = docsWords.value;
  const asked = useAsked(() => get<{ items: Caught[] }>('/peers/mail/messages'), []);
  const refused = asked.error instanceof Problem && [401, 403].includes(asked.error.status);
  return (
    <Frame title={w.mailTitle}>
      <h1 class="font-serif text-3xl font-semibold">{w.mailTitle}</h1>
      <p class="mt-1 mb-5 text-sm text-quiet">{w.mailLead}</p>
      {asked.error && !asked.data && !refused ? <div class="panel"><Empty icon="mail" text={w.noMailHere} /></div> : <Waiting asked={asked}>{({ items }) => <Box mails={items} />}</Waiting>}
    </Frame>
  );
}

show(Mail);
