// Lists and records with a maximum that is looked at first. A plain `.max()` looks at every item before it counts them,
// so that a list of a million wrong items costs a million issues.
import { z } from 'zod'

/** What one host may list. More is refused as a whole: no host of ours comes near. */
export const most = {
  guests: 1024,
  images: 4096,
  disks: 1024,
  /** Pairs of up to 256 guests, each with itself included. */
  pairs: 32_896,
  unreadable: 1024,
  reasons: 32,
  notes: 256,
  programs: 64,
  prompts: 1024,
  tasks: 1024,
  problems: 1024,
  steps: 256,
  jumps: 64,
  /** Hosts of a fleet, and lines of an import. */
  hosts: 10_000,
  logLines: 10_000,
  auditEntries: 10_000,
  /** Of one host in one range. */
  marks: 2000,
  points: 5000,
  /** That ever ran on a host. */
  guestNames: 10_000,
} as const

/**
 * For what others send: counts first, and ends at the first wrong item, so that a wrong list costs no more than a
 * right one. Its input type is not told, so parameters use `z.array(…).max(…)`. Made when it is first parsed: of the many
 * lists of a contract a process parses few.
 */
export function listOf<T extends z.ZodType>(item: T, maximum: number) {
  return z.lazy(() =>
    z.array(z.unknown()).max(maximum).superRefine(refuseFirstWrong(item)).pipe(z.array(item).max(maximum)),
  )
}

function refuseFirstWrong(item: z.ZodType) {
  return (items: readonly unknown[], context: z.RefinementCtx<unknown[]>): void => {
    for (const [index, one] of items.entries()) {
      const { error } = item.safeParse(one)
      if (!error) continue
      const [{ message, path } = { message: 'wrong', path: [] }] = error.issues
      context.addIssue({ code: 'custom', message, path: [index, ...path] })
      return
    }
  }
}

/** A record of at most `maximum` entries, counted before any entry is parsed: a flood costs nothing. */
export function recordOf<K extends z.ZodType<string, string>, V extends z.ZodType>(
  key: K,
  value: V,
  maximum: number,
) {
  return z.lazy(() =>
    z
      .record(z.string(), z.unknown())
      .refine((record) => Object.keys(record).length <= maximum, `has more than ${maximum} entries`)
      .meta({ maximum })
      .pipe(z.record(key, value).meta({ maximum })),
  )
}
