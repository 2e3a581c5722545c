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

  /** Resolves to the sentences of refusal; empty when the account is signed in. */
  async open(username, password) {
    const deviceToken = localStorage.getItem(DEVICE + username);
    const shown = { username, password, deviceToken };
    let answer = await this.#ask('SignIn', shown);
    if (answer.data?.sessionOpen?.userErrors.some(({ code }) => code === 'CAPTCHA_REQUIRED')) {
      const { data, errors } = await this.#ask('OpenCaptcha', { username, deviceToken });
      const captcha = data?.captchaOpen?.captcha;
      if (!captcha) return sentences(data?.captchaOpen, errors);
      answer = await this.#ask('SignIn', {
        ...shown,
        captchaId: captcha.id,
        captchaProof: await nonceFor(captcha.proofOfWork),
      });
    }
    const payload = answer.data?.sessionOpen;
    if (!payload?.session) return sentences(payload, answer.errors);
    if (payload.deviceToken) localStorage.setItem(DEVICE + username, payload.deviceToken);
    this.#remember({ ...payload.session, who: [...words(payload.viewer)].join(' · ') || username });
    return [];
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
