// Files of the data folder that a newer workbench has written, of a higher version, or with keys that a strict part does not know:
// they are left as they are, and no older one writes over them.
import type { z } from 'zod'
import { Problem } from '../../shared/problem.ts'
import { oneLine } from '../../shared/text/printable.ts'

/**
 * undefined: `error` says that the value is damaged. A newer workbench has written what has a higher version than the schema
 * asks for, and what breaks a strict schema by nothing but keys that it does not know.
 */
export function newerFileProblem(path: string, value: unknown, { issues }: z.ZodError): Problem | undefined {
  const newer = issues.filter((issue) => isNewerVersion(issue, value))
  const isKeysOnly = issues.every(({ code }) => code === 'unrecognized_keys')
  if (newer.length === 0 && !isKeysOnly) return undefined
  const unknown = (newer.length > 0 ? newer : issues).map(describePlace).join(', ')
  return new Problem('not-supported', `cannot use ${path}: a newer workbench has written it`, {
    remedy: oneLine(
      `Open it with that one. The file is left as it is; this workbench does not know: ${unknown}`,
      1000,
    ),
  })
}

function isNewerVersion(issue: z.core.$ZodIssue, value: unknown): boolean {
  if (issue.code !== 'invalid_value' || issue.path.at(-1) !== 'version') return false
  const [known] = issue.values
  const found = issue.path.reduce<unknown>(
    (inner, key) => (inner as Record<PropertyKey, unknown>)[key],
    value,
  )
  return typeof known === 'number' && typeof found === 'number' && Number.isInteger(found) && found > known
}

function describePlace(issue: z.core.$ZodIssue): string {
  const keys = issue.code === 'unrecognized_keys' ? issue.keys : []
  if (keys.length === 0) return issue.path.join('.')
  return keys.map((key) => [...issue.path, key].join('.')).join(', ')
}
