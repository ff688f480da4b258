// Waits that end early with a signal.

/** Resolves after the time, or as soon as the signal is aborted. */
export function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, milliseconds)
    signal.addEventListener('abort', end, { once: true })
  })
}

/** Never resolves, and listens until the signal is aborted: for a signal that outlives the wait use `unlessAborted`. */
export function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return unlessAborted(new Promise<never>(() => undefined), signal)
}

/** What the work comes to; rejects as soon as the signal is aborted, however long the work still takes. */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const fail = () => reject(signal.reason)
  if (signal.aborted) fail()
  else signal.addEventListener('abort', fail, { once: true })
  return Promise.race([work, aborted]).finally(() => signal.removeEventListener('abort', fail))
}
