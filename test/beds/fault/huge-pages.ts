// Files on hugetlbfs, which nothing but their guest may map.
import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { runOk } from '../lab/run.ts'
import type { FaultLab } from './fault-lab.ts'

const MIB = 2 ** 20

/** Were such a file ever taken for an image, its mapping could not be given back: that is said, and not done again. */
export async function expectOneMapping(lab: FaultLab, hugePages: string): Promise<void> {
  // Mounted in the host's namespace.
  const path = join(`/proc/${lab.host.initPid}/root`, hugePages, 'as-if.raw')
  const root = join(import.meta.dirname, '../../..')
  const bun = join(root, 'node_modules/@oven/bun-linux-x64/bin/bun')
  const script = join(root, 'test/beds/fault/map-reserved-memory.ts')
  writeFileSync(path, '')
  truncateSync(path, 2 * MIB)
  const { problems, mappings } = JSON.parse(await runOk(bun, [script, path]))
  rmSync(path)
  expect(mappings).toBe(1)
  expect(problems).toEqual([
    expect.stringContaining('cannot give back a mapping: munmap: EINVAL'),
    ...Array(3).fill(expect.stringContaining('a mapping of it could not be given back')),
  ])
}

/** Of this machine. */
export function freeHugePages(): number {
  return Number(/^HugePages_Free:\s+(\d+)$/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1])
}
