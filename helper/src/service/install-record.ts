// What was installed as a service, and what was before it: for upgrades, roll-backs and the status.
import { z } from 'zod'
import { name, path } from '../../../src/shared/contract/quantity.ts'
import { parseJson } from '../../../src/shared/parsing/parse-json.ts'
import { readState, writeDurably } from '../changes/state-folders.ts'

const program = z.object({ version: name, buildDigest: name, path })
export type InstalledProgram = z.infer<typeof program>

const record = z.object({ current: program, previous: program.optional() })
export type InstallRecord = z.infer<typeof record>

/** undefined: none, or one that does not parse: the unit still tells what runs. */
export function readRecord(file: string): InstallRecord | undefined {
  const text = readState(file)
  return text === undefined ? undefined : record.safeParse(parseJson(text)).data
}

/** By rename, so that it is there as a whole or not at all. Needs root. Throws a Problem. */
export function writeRecord(file: string, value: InstallRecord): void {
  writeDurably(file, `${JSON.stringify(value, null, 2)}\n`)
}

/** Pure. A build that is installed again has no new one before it. */
export function withProgram(before: InstallRecord | undefined, next: InstalledProgram): InstallRecord {
  if (before === undefined) return { current: next }
  const previous = before.current.path === next.path ? before.previous : before.current
  return { current: next, ...(previous && previous.path !== next.path && { previous }) }
}
