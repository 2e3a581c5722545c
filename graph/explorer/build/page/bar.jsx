/* The bar above the editors: the product's name, and the account that queries and sockets act for. */
import { useState, useSyncExternalStore } from 'react';

export function Bar({ session }) {
  const current = useSyncExternalStore(session.subscribe, session.snapshot);
  return (
    <header className="bar">
      <h1>
        <span className="mark" aria-hidden="true" />
        Preship <span className="subject">进口旧机电装运前检验</span>
      </h1>
      {current ? <SignedIn session={session} who={current.who} /> : <SignIn session={session} />}
    </header>
  );
}

function SignedIn({ session, who }) {
  return (
    <div className="account">
      <output className="who">{who}</output>
      <button type="button" onClick={() => session.close()}>
        退出 Sign out
      </button>
    </div>
  );
}

function SignIn({ session }) {
  const [{ refusals, waiting }, setAnswer] = useState({ refusals: [] });
  const [busy, setBusy] = useState(false);

  async function open(event) {
    event.preventDefault();
    const { username, password, code } = Object.fromEntries(new FormData(event.currentTarget));
    setBusy(true);
    const answer = waiting ? session.confirm(waiting, code) : session.open(username, password);
    setAnswer(await answer.catch((failure) => ({ refusals: [failure.message], waiting })));
    setBusy(false);
  }

  return (
    <form className="account" onSubmit={open}>
      <span className="refusals" role="alert">
        {refusals.join(' ')}
      </span>
      {waiting ? <Code key="code" /> : <NameAndPassword key="password" />}
      <button type="submit" disabled={busy}>
        登录 Sign in
      </button>
      {waiting && (
        <button type="button" onClick={() => setAnswer({ refusals: [] })}>
          返回 Back
        </button>
      )}
    </form>
  );
}

function NameAndPassword() {
  const [isShown, setShown] = useState(false);
  return (
    <>
      <input name="username" autoComplete="username" placeholder="用户名 User name" aria-label="用户名 User name" required />
      <input
        name="password"
        type={isShown ? 'text' : 'password'}
        autoComplete="current-password"
        placeholder="密码 Password"
        aria-label="密码 Password"
        required
      />
      <label className="shown">
        <input type="checkbox" checked={isShown} onChange={() => setShown(!isShown)} />
        显示 Show
      </label>
    </>
  );
}

function Code() {
  return (
    <input
      name="code"
      autoComplete="one-time-code"
      placeholder="动态口令 Code"
      aria-label="动态口令应用显示的数字，或备用码 Code of the authenticator app, or a recovery code"
      autoFocus
      required
    />
  );
}
