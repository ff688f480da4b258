// A policy as it is edited: the text is the truth, the form reads and writes single keys of it. Pure.
import type { Policy } from '../../shared/contract/policies.ts'
import { parsePolicyFile } from '../../shared/policies/policy-file.ts'
import { asProblem } from '../../shared/problem.ts'

export interface Draft {
  readonly text: string
  /** Absent: the text is no policy; `error` says why. */
  readonly policy?: Policy
  readonly error?: string
}

/** What a policy of each mode starts from. */
export const startingPolicies: Readonly<Record<Policy['scrub']['mode'], string>> = {
  adaptive: format({ scrub: { mode: 'adaptive' }, ksm: { mode: 'govern' } }),
  reclaim: format({ scrub: { mode: 'reclaim', target: { freeBytes: 1024 ** 3 } }, ksm: { mode: 'govern' } }),
  periodic: format({ scrub: { mode: 'periodic', everySeconds: 30 }, ksm: { mode: 'observe' } }),
  observe: format({ scrub: { mode: 'observe' }, ksm: { mode: 'observe' } }),
}

export function readDraft(text: string): Draft {
  try {
    return { text, policy: parsePolicyFile(text) }
  } catch (error) {
    return { text, error: asProblem(error).message.replace('cannot use the policy file: ', '') }
  }
}

/** Another mode has other keys; when the policy is at work stays as it was. */
export function startOf(mode: Policy['scrub']['mode'], before: Policy | undefined): string {
  return withKey(startingPolicies[mode], ['schedule'], before?.schedule)
}

/** Sets one key, `['ksm', 'cpuRatio']`, and leaves the rest of the text's content; `undefined` takes it out. */
export function withKey(text: string, path: readonly string[], value: unknown): string {
  const document: unknown = JSON.parse(text)
  const [last = ''] = path.slice(-1)
  let place = document as Record<string, unknown>
  for (const key of path.slice(0, -1)) {
    const next = place[key]
    if (typeof next !== 'object' || next === null) place[key] = {}
    place = place[key] as Record<string, unknown>
  }
  if (value === undefined) delete place[last]
  else place[last] = value
  return format(document)
}

function format(document: unknown): string {
  return JSON.stringify(document, null, 2)
}
