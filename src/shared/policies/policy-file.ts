// Policy files: JSON text in, a complete Policy or one Problem that names every offending key out.

import type { z } from 'zod'
import { type Policy, policySchema } from '../contract/policies.ts'
import { Problem } from '../problem.ts'
import { withValue } from '../with-value.ts'
import { explainIssue } from './policy-issues.ts'

/** A policy file is written by hand; anything longer is not one. */
const maxPolicyBytes = 1024 * 1024
const maxIssuesShown = 5

/** Measures only: what a host in observe mode runs. Pure. */
export function defaultPolicy(): Policy {
  return policySchema.parse({})
}

/** What runs without a file once changes are allowed: adaptive scrubbing, governed KSM. Pure. */
export function defaultChangePolicy(): Policy {
  return policySchema.parse({ scrub: { mode: 'adaptive' }, ksm: { mode: 'govern' } })
}

/**
 * Parses the text of a policy file; absent keys take their documented defaults.
 * Throws Problem `bad-input` with the path of each offending key and what is allowed there.
 */
export function parsePolicyFile(text: string): Policy {
  if (text.length > maxPolicyBytes) throw refused(`longer than ${maxPolicyBytes} characters`)
  const raw = parseJson(text)
  const parsed = policySchema.safeParse(raw)
  if (parsed.success) return parsed.data
  throw refused(explainIssues(parsed.error.issues, raw))
}

function parseJson(text: string): unknown {
  let prototypeKey = false
  const watch = (key: string, value: unknown) => {
    // zod's records skip this key without a word; a policy must never lose one.
    if (key === '__proto__') prototypeKey = true
    return value
  }
  // Only such a text can spell the key, plainly or by escapes.
  const mayHide = text.includes('__proto__') || text.includes('\\u')
  const raw: unknown = parseWith(text, mayHide ? watch : undefined)
  if (prototypeKey) throw refused('unknown "__proto__"')
  return raw
}

function parseWith(text: string, reviver?: (key: string, value: unknown) => unknown): unknown {
  try {
    return JSON.parse(text, reviver)
  } catch (error) {
    throw refused(`not JSON: ${error instanceof Error ? error.message : String(error)}`, error)
  }
}

function explainIssues(issues: readonly z.core.$ZodIssue[], raw: unknown): string {
  const shown = issues.slice(0, maxIssuesShown).map((issue) => explainIssue(policySchema, issue, raw))
  const hidden = issues.length - shown.length
  return hidden > 0 ? `${shown.join('; ')}; and ${hidden} more` : shown.join('; ')
}

function refused(reason: string, cause?: unknown): Problem {
  return new Problem('bad-input', `cannot use the policy file: ${reason.slice(0, 4000)}`, {
    remedy: 'docs/policies.md lists every key with its default.',
    ...withValue({ cause }),
  })
}
