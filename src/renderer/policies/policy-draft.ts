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

type ScrubMode = Policy['scrub']['mode']

const starts = {
  adaptive: { scrub: { mode: 'adaptive' }, ksm: { mode: 'govern' } },
  reclaim: { scrub: { mode: 'reclaim', target: { freeBytes: 1024 ** 3 } }, ksm: { mode: 'govern' } },
  periodic: { scrub: { mode: 'periodic', everySeconds: 30 }, ksm: { mode: 'observe' } },
  observe: { scrub: { mode: 'observe' }, ksm: { mode: 'observe' } },
} as const satisfies Readonly<Record<ScrubMode, object>>

/** What a policy of each mode starts from. */
export const startingPolicies = Object.fromEntries(
  Object.entries(starts).map(([mode, policy]) => [mode, format(policy)]),
) as Readonly<Record<ScrubMode, string>>

/** The text with the policy that it is, or with why it is none. */
export function readDraft(text: string): Draft {
  try {
    return { text, policy: parsePolicyFile(text) }
  } catch (error) {
    return { text, error: asProblem(error).message.replace('cannot use the policy file: ', '') }
  }
}

/**
 * The text for another scrub mode: what the modes have in common stays as it was written, exclusions, floors, guards,
 * KSM and schedule. What observes only leaves KSM alone as well.
 */
export function withMode(text: string, mode: ScrubMode): string {
  const before = JSON.parse(text) as Record<string, unknown>
  const { guards, mode: modeBefore } = recordOf(before.scrub)
  const { mode: ksmMode = 'observe', ...ksm } = recordOf(before.ksm)
  const observes = mode === 'observe' || modeBefore === 'observe' || modeBefore === undefined
  if (mode === 'observe') delete ksm.takeOver
  return format({
    ...before,
    scrub: { ...starts[mode].scrub, ...(guards !== undefined && { guards }) },
    ksm: { mode: observes ? starts[mode].ksm.mode : ksmMode, ...ksm },
  })
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

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

function format(document: unknown): string {
  return JSON.stringify(document, null, 2)
}
