// What tests read of the kernel by themselves, to hold it against what the helper says.
import { readFileSync } from 'node:fs'
import { expect } from 'vitest'
import type { LabHost } from './lab-host.ts'

/** Whether the mapping that carries the guest's RAM may be merged, read on its own. */
export function hasMergeableRam(host: LabHost, index: number): boolean {
  const smaps = readFileSync(`/proc/${host.guests[index]?.pid}/smaps`, 'utf8')
  const ram = smaps.split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m).filter((part) => /^Size: +327680 kB$/m.test(part))
  expect(ram).toHaveLength(1)
  return /^VmFlags:.* mg/m.test(ram[0] ?? '')
}

/** The label that a security module gives this process; undefined without one. */
export function readLabel(): string | undefined {
  try {
    return readFileSync('/proc/self/attr/current', 'utf8').replace(/\0/g, '').trim() || undefined
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EINVAL') return undefined
    throw error
  }
}
