// The stages of making a connection, as they happen: for the connection test. Connecting does not depend on it.
import type { ConnectionStage } from '../../shared/contract/connection-test.ts'
import type { Problem } from '../../shared/problem.ts'

export interface StageWatch {
  /** A stage begins, and the one before it has ended well. `on` names the hop. */
  readonly begin: (stage: ConnectionStage, on: string) => void
  /** What the present stage tried or found; never a secret. */
  readonly fact: (text: string) => void
  readonly skip: (stage: ConnectionStage, on: string, why: string) => void
  /** The present stage failed, but the connection goes on without what it would have brought. */
  readonly lack: (problem: Problem) => void
}

/**
 * For connections that nobody watches. Callers never ask whether there is a watch: an optional call would leave the
 * work in its arguments undone.
 */
export const unwatched: StageWatch = {
  begin: () => undefined,
  fact: () => undefined,
  skip: () => undefined,
  lack: () => undefined,
}
