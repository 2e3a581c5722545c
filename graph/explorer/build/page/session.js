/* Who is signed in here: the token lives in this tab's sessionStorage and nowhere else. The surprise: whatever the
 * operation of signing in asks for under `viewer` is shown, in its order, so the wording of the account is not ours.
 * Where a captcha is asked for, the page does its work. What localStorage keeps is only that the device is known. */

import { answered } from './fetcher.js';
import { nonceFor } from './work.js';

const KEY = 'preship:session';
const DEVICE = 'preship:device:';

export class Session {
  #listeners = new Set();

  constructor(endpoint, signing) {
    this.endpoint = endpoint;
    this.signing = signing;
    this.current = this.#restored();
  }

  /** `Bearer …`, or undefined for an anonymous visitor or when the token is past its time. */
  get authorization() {
    if (this.current && Date.parse(this.current.expiresAt) <= Date.now()) this.forget();
    return this.current ? `Bearer ${this.current.token}` : undefined;
  }

  /** Resolves to the sentences of refusal, empty when the account is signed in; `waiting` is what `confirm` takes where
   * the password was right and the code of an authenticator app is still to come. */
  async open(username, password) {
    const deviceToken = localStorage.getItem(DEVICE + username);
    const shown = { username, password, deviceToken };
    let answer = await this.#ask('SignIn', shown);
    if (answer.data?.sessionOpen?.userErrors.some(({ code }) => code === 'CAPTCHA_REQUIRED')) {
      const { data, errors } = await this.#ask('OpenCaptcha', { username, deviceToken });
      const captcha = data?.captchaOpen?.captcha;
      if (!captcha) return { refusals: sentences(data?.captchaOpen, errors) };
      answer = await this.#ask('SignIn', {
        ...shown,
        captchaId: captcha.id,
        captchaProof: await nonceFor(captcha.proofOfWork),
      });
    }
    const token = answer.data?.sessionOpen?.secondFactorToken;
    if (token) return { refusals: [], waiting: { username, token } };
    return this.#entered(username, answer.data?.sessionOpen, answer.errors);
  }

  /** The same with the code; where the sign-in itself is over, there is nothing to wait for any more. */
  async confirm(waiting, oneTimeCode) {
    const { username, token } = waiting;
    const deviceToken = localStorage.getItem(DEVICE + username);
    const { data, errors } = await this.#ask('ConfirmSignIn', { token, oneTimeCode, deviceToken });
    const payload = data?.sessionConfirm;
    const isOver = payload?.userErrors.some(({ code }) => code === 'SECOND_FACTOR_OVER');
    const { refusals } = this.#entered(username, payload, errors);
    return { refusals, waiting: payload?.session || isOver ? undefined : waiting };
  }

  async close() {
    // The account leaves this page even when the server cannot be reached; its token then ends by its own expiry.
    await this.#ask('SignOut', {}).catch(() => undefined);
    this.forget();
  }

  forget() {
    this.#remember(null);
  }

  subscribe = (listener) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  snapshot = () => this.current;

  #entered(username, payload, errors) {
    if (!payload?.session) return { refusals: sentences(payload, errors) };
    if (payload.deviceToken) localStorage.setItem(DEVICE + username, payload.deviceToken);
    this.#remember({ ...payload.session, who: [...words(payload.viewer)].join(' · ') || username });
    return { refusals: [] };
  }

  #restored() {
    try {
      return JSON.parse(sessionStorage.getItem(KEY));
    } catch {
      return null;
    }
  }

  #remember(current) {
    this.current = current;
    if (current) sessionStorage.setItem(KEY, JSON.stringify(current));
    else sessionStorage.removeItem(KEY);
    this.#listeners.forEach((listener) => listener());
  }

  async #ask(operationName, variables) {
    const headers = { 'content-type': 'application/json', accept: 'application/graphql-response+json' };
    // Signing in carries no earlier token: a stale one would refuse the very request that replaces it.
    if (operationName === 'SignOut' && this.authorization) headers.authorization = this.authorization;
    const body = JSON.stringify({ query: this.signing, operationName, variables });
    return answered(await fetch(this.endpoint, { method: 'POST', headers, body }));
  }
}

function sentences(payload, errors) {
  return (payload?.userErrors ?? errors ?? []).map(({ message }) => message);
}

function* words(value) {
  if (typeof value === 'string') yield value;
  else if (value) for (const inner of Object.values(value)) yield* words(inner);
}
