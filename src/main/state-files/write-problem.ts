// Why a file of the data folder could not be written.
import { Problem } from '../../shared/problem.ts'
import { withValue } from '../../shared/with-value.ts'

/** `out-of-space` where the disk is full, otherwise `system`. `attempt`: `cannot save PATH`. */
export function writeProblem(attempt: string, error: unknown, remedy?: string): Problem {
  const full = (error as NodeJS.ErrnoException).code === 'ENOSPC'
  const why = error instanceof Error ? error.message : String(error)
  return new Problem(full ? 'out-of-space' : 'system', `${attempt}: ${why}`, {
    ...withValue({ remedy }),
    cause: error,
  })
}
