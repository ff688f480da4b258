// A round of a policy for unit tests, in which nothing was found and nothing done.
import type { PolicyRound } from '../../src/shared/contract/index.ts'

export function fakeRound(change: Partial<PolicyRound> = {}): PolicyRound {
  return {
    runId: 'run',
    at: 1,
    sequence: 1,
    imageCacheBytes: 0,
    imageCacheLimitBytes: 0,
    evictedBytes: 0,
    returnedBytes: 0,
    cpu: { helperRatio: 0 },
    guards: [],
    decisions: [],
    ...change,
  }
}
