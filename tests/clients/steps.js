/* How a walk reports: each step by its name as it is done, and one word at the end, without which it was cut short. */

export const [API, PASSWORD] = process.argv.slice(2);
export const SOCKET = API?.replace(/^http/, 'ws');

/** One step, which ends the program where it fails; resolves to what the work gave. */
export async function step(name, work) {
  try {
    const given = await work();
    console.log(`${name}.`);
    return given;
  } catch (failure) {
    console.error(`Did not work: ${name}`, failure);
    process.exit(1);
  }
}

export function walked() {
  console.log('walked');
}
