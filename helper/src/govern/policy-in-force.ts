// The policy that a run is under: of a file, or the documented defaults.
import { readFileSync, statSync } from 'node:fs'
import type { Policy } from '../../../src/shared/contract/policies.ts'
import { defaultChangePolicy, parsePolicyFile } from '../../../src/shared/policies/policy-file.ts'
import { Problem } from '../../../src/shared/problem.ts'

const maxFileBytes = 4 * 1024 * 1024

/** Throws Problem `bad-input` with the cause, also where the file cannot be read. */
export function readPolicy(path: string | undefined): Policy {
  if (path === undefined) return defaultChangePolicy()
  return parsePolicyFile(readText(path))
}

function readText(path: string): string {
  let reason: string
  try {
    const stats = statSync(path)
    if (stats.isFile() && stats.size <= maxFileBytes) return readFileSync(path, 'utf8')
    reason = stats.isFile() ? `longer than ${maxFileBytes} bytes` : 'not a file'
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error)
    throw new Problem('bad-input', `cannot use the policy file ${path}: ${text}`, { cause: error })
  }
  throw new Problem('bad-input', `cannot use the policy file ${path}: ${reason}`)
}

/** Nothing is evicted under it, and nothing counts as evicted. */
export function asDryRun(policy: Policy): Policy {
  return { ...policy, scrub: { ...policy.scrub, guards: { ...policy.scrub.guards, dryRun: true } } }
}

/** One sentence for the start of a run. */
export function describePolicy(policy: Policy, path: string | undefined): string {
  const from = path === undefined ? 'the defaults (docs/policies.md)' : path
  const dry = policy.scrub.guards.dryRun ? ', dry run' : ''
  return `policy in force, from ${from}: scrub ${policy.scrub.mode}${dry}; KSM ${policy.ksm.mode}`
}
