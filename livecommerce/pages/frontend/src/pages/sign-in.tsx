// Signing in, with the demo's accounts at hand where there is a demo.
import { useState } from 'preact/hooks';
import { boot, type DemoAccount } from '../boot';
import { post } from '../api/http';
import { Calico } from '../parts/Calico';
import { Frame } from '../parts/Frame';
import { Icon } from '../parts/Icon';
import { onward } from '../parts/onward';
import { Field } from '../parts/pieces';
import { show } from '../parts/show';
import { told } from '../words/lang';
import { problemText } from '../words/problems';
import { startWords } from '../words/start';

function SignIn() {
  const w = startWords.value;
  const [form, put] = useState({ email: '', password: '' });
  const [wrong, tell] = useState('');
  const [busy, hold] = useState(false);
  const accounts = boot.demo?.accounts ?? [];

  async function enter(email: string, password: string): Promise<void> {
    hold(true);
    tell('');
    try {
      await post('/v1/sign-in', { email, password });
      const next = new URL(location.href).searchParams.get('next') ?? '';
      location.assign(onward(next, location.origin));
    } catch (error) {
      tell(problemText(error));
      hold(false);
    }
  }

  return (
    <Frame title={w.signInTitle}>
      <div class="panel mx-auto grid max-w-5xl overflow-hidden lg:mt-8 lg:grid-cols-[1fr_2fr]">
        <div class="relative hidden bg-indigo-deep lg:block">
          <Calico class="absolute inset-0 opacity-40" id="sign-in-cloth" />
        </div>
        <div class="p-6 sm:p-9">
          <h1 class="font-serif text-2xl font-semibold">{w.signInTitle}</h1>
          <p class="mt-1.5 text-sm leading-relaxed text-quiet">{w.signInLead}</p>
          <form
            class="mt-6 flex flex-col gap-4" data-testid="sign-in-form"
            onSubmit={(event) => {
              event.preventDefault();
              void enter(form.email, form.password);
            }}
          >
            <Field label={w.email}>
              <input class="input" type="email" name="email" required autocomplete="username" value={form.email} onInput={(event) => put({ ...form, email: event.currentTarget.value })} />
            </Field>
            <Field label={w.password}>
              <input class="input" type="password" name="password" required autocomplete="current-password" value={form.password} onInput={(event) => put({ ...form, password: event.currentTarget.value })} />
            </Field>
            <p role="alert" class={wrong ? 'flex items-center gap-2 text-sm font-medium text-error' : 'hidden'} data-testid="sign-in-problem">
              <Icon name="alert" size={18} />{wrong}
            </p>
            <button type="submit" class="btn btn-secondary btn-block text-base" disabled={busy} data-testid="sign-in">
              {busy && <span class="loading loading-spinner loading-sm" />}
              {w.submit}
            </button>
          </form>
          {accounts.length > 0 && <Accounts accounts={accounts} busy={busy} enter={enter} />}
        </div>
      </div>
    </Frame>
  );
}

function Accounts({ accounts, busy, enter }: {
  accounts: DemoAccount[]; busy: boolean; enter: (email: string, password: string) => Promise<void>;
}) {
  const w = startWords.value;
  return (
    <section class="mt-7" aria-labelledby="demo-accounts" data-testid="demo-accounts">
      <div class="rule pt-5">
        <h2 id="demo-accounts" class="font-semibold">{w.demoAccounts}</h2>
        <p class="text-sm text-quiet">{w.demoHint}</p>
      </div>
      <ul class="mt-3 grid gap-2 sm:grid-cols-2">
        {accounts.map((account) => (
          <li key={account.email}>
            <button
              type="button" disabled={busy} aria-label={w.useAccount(told(account.name))} data-email={account.email}
              class="flex w-full items-center gap-3 rounded-xl border border-base-300 bg-base-100 px-2.5 py-2 text-left hover:border-[#bda98b] hover:bg-base-200"
              onClick={() => void enter(account.email, account.password)}
            >
              <span class="grid size-9 shrink-0 place-items-center rounded-full bg-calico font-serif font-semibold text-indigo">{told(account.name).slice(0, 1)}</span>
              <span class="min-w-0 flex-1">
                <span class="block truncate text-sm font-semibold">{told(account.name)}</span>
                <span class="block truncate text-xs text-quiet">{told(account.role)}</span>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

show(SignIn);
