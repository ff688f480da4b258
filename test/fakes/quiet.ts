import type { CallContext } from '../../src/shared/rpc.ts'

/** A call that nobody cancels and whose progress nobody follows. */
export const quiet: CallContext = {
  signal: new AbortController().signal,
  reportProgress: () => undefined,
}
