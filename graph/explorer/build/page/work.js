/* The work that a captcha asks for: a number behind the prefix for which SHA-256 begins with so many bits that are nought.
 * The surprise: the digest is our own, because browsers lend theirs only to pages that came encrypted. */

const AT_ONCE = 50000;
const PRIMES = [...primes(64)];
const CONSTANTS = Int32Array.from(PRIMES, (prime) => fraction(Math.cbrt(prime)));
const BEGINNING = Int32Array.from(PRIMES.slice(0, 8), (prime) => fraction(Math.sqrt(prime)));

// Filled anew for each digest: millions of them would keep the memory's cleaner busier than the work.
const schedule = new Int32Array(64);
const state = new Int32Array(8);

/** Resolves to the nonce; the page stays alive meanwhile. */
export async function nonceFor({ prefix, difficulty }) {
  const begun = new TextEncoder().encode(prefix);
  for (let number = 0; ; number += 1) {
    digest(message(begun, String(number)));
    if (zeroBits() >= difficulty) return String(number);
    if (number % AT_ONCE === AT_ONCE - 1) await new Promise((resolve) => setTimeout(resolve));
  }
}

function zeroBits() {
  const first = state.findIndex((word) => word !== 0);
  return first < 0 ? 256 : first * 32 + Math.clz32(state[first]);
}

let words = new Int32Array(16);

/** Prefix and digits, padded to whole blocks, as words. */
function message(begun, digits) {
  const length = begun.length + digits.length;
  const size = ((length + 72) >> 6) << 4;
  if (words.length === size) words.fill(0);
  else words = new Int32Array(size);
  for (let at = 0; at < begun.length; at += 1) words[at >> 2] |= begun[at] << (24 - (at & 3) * 8);
  for (let at = begun.length; at < length; at += 1) {
    words[at >> 2] |= digits.charCodeAt(at - begun.length) << (24 - (at & 3) * 8);
  }
  words[length >> 2] |= 0x80 << (24 - (length & 3) * 8);
  words[size - 1] = length * 8;
  return words;
}

/** Leaves the eight words of the digest (FIPS 180-4) in `state`. */
function digest(blocks) {
  state.set(BEGINNING);
  for (let block = 0; block < blocks.length; block += 16) {
    for (let at = 0; at < 16; at += 1) schedule[at] = blocks[block + at];
    for (let at = 16; at < 64; at += 1) {
      const early = schedule[at - 15];
      const late = schedule[at - 2];
      schedule[at] =
        schedule[at - 16] +
        (((early >>> 7) | (early << 25)) ^ ((early >>> 18) | (early << 14)) ^ (early >>> 3)) +
        schedule[at - 7] +
        (((late >>> 17) | (late << 15)) ^ ((late >>> 19) | (late << 13)) ^ (late >>> 10));
    }
    let a = state[0];
    let b = state[1];
    let c = state[2];
    let d = state[3];
    let e = state[4];
    let f = state[5];
    let g = state[6];
    let h = state[7];
    for (let at = 0; at < 64; at += 1) {
      const sum1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const one = (h + sum1 + ((e & f) ^ (~e & g)) + CONSTANTS[at] + schedule[at]) | 0;
      const sum0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const two = (sum0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g;
      g = f;
      f = e;
      e = (d + one) | 0;
      d = c;
      c = b;
      b = a;
      a = (one + two) | 0;
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
    state[5] += f;
    state[6] += g;
    state[7] += h;
  }
}

/** The first 32 bits behind the point. */
function fraction(value) {
  return Math.floor((value % 1) * 2 ** 32);
}

function* primes(howMany) {
  const found = [];
  for (let each = 2; found.length < howMany; each += 1) {
    if (found.every((prime) => each % prime)) {
      found.push(each);
      yield each;
    }
  }
}
