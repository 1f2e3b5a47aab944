// Why a page shows nothing: sign in first, not yours, not there, or try again.
import { me } from '../api/me';
import { Problem } from '../api/http';
import { problemText } from '../words/problems';
import { shared } from '../words/shared';
import { Empty } from './Empty';

/** Leads to the sign-in page and from there back to where one is. */
export function SignInLink() {
  const back = encodeURIComponent(location.pathname + location.search);
  return <a class="btn btn-secondary" href={`/sign-in?next=${back}`} data-testid="sign-in-here">{shared.value.signIn}</a>;
}

export function SignInFirst() {
  return <div data-testid="sign-in-first"><Empty icon="lock" text={shared.value.signInToSee}><SignInLink /></Empty></div>;
}

export function NotYours() {
  return (
    <div data-testid="not-yours">
      <Empty icon="lock" text={shared.value.notYours}><a class="btn btn-quiet" href="/">{shared.value.home}</a></Empty>
    </div>
  );
}

export function Barred({ error, again }: { error: unknown; again: () => void }) {
  const status = error instanceof Problem ? error.status : 0;
  const guest = me.value?.kind !== 'person';
  if (status === 401 || (status === 403 && guest)) return <SignInFirst />;
  if (status === 403) return <NotYours />;
  return (
    <Empty icon="alert" text={status === 404 ? shared.value.notFound : problemText(error)}>
      {status === 404 && guest && <SignInLink />}
      {status === 404
        ? <a class="btn btn-quiet" href="/">{shared.value.home}</a>
        : <button type="button" class="btn btn-quiet" onClick={again}>{shared.value.retry}</button>}
    </Empty>
  );
}
