// Holds the state and tells those who draw it, once for all events of one turn.

/**
 * @param {State} initial
 * @param {(state: State, event: StateEvent) => State} reduce
 * @returns {Store}
 */
export function createStore(initial, reduce) {
  let state = initial;
  let told = true;
  /** @type {((state: State) => void)[]} */
  const listeners = [];

  function tell() {
    told = true;
    for (const listener of listeners) listener(state);
  }

  return {
    get state() {
      return state;
    },
    dispatch(event) {
      state = reduce(state, event);
      // Not an animation frame: the title must count in background tabs too.
      if (told) queueMicrotask(tell);
      told = false;
    },
    subscribe(listener) {
      listeners.push(listener);
      listener(state);
    },
  };
}
