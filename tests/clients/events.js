/* What comes by itself, to be asked for one by one. */

/** An async iterator of what an observable says. `subscribe` takes an observer and gives what unsubscribes. */
export function iterated(subscribe) {
  const said = [];
  const waiting = [];
  const say = (settle) => {
    said.push(settle);
    while (waiting.length && said.length) said.shift()(waiting.shift());
  };
  const unsubscribe = subscribe({
    next: (value) => say(({ resolve }) => resolve({ value, done: false })),
    error: (reason) => say(({ reject }) => reject(reason)),
    complete: () => say(({ resolve }) => resolve({ value: undefined, done: true })),
  });
  return {
    next: () =>
      new Promise((resolve, reject) => {
        if (said.length) said.shift()({ resolve, reject });
        else waiting.push({ resolve, reject });
      }),
    return: async () => {
      unsubscribe();
      for (const { resolve } of waiting.splice(0)) resolve({ value: undefined, done: true });
      return { value: undefined, done: true };
    },
  };
}
