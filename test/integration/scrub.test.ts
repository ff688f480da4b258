import { randomBytes } from 'node:crypto'
import { closeSync, openSync, readSync, statSync, writeSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ScrubResult, scrubResult } from '../../src/shared/contract/page-cache.ts'
import {
  dropCache,
  type EngineLab,
  measureExpected,
  readResidency,
  upEngineLab,
} from '../beds/engine/engine-lab.ts'
import { isRoot } from '../beds/is-root.ts'

const PAGE = 4096
const MIB = 2 ** 20

describe.skipIf(!isRoot)('scrub', () => {
  let lab: EngineLab
  beforeAll(async () => {
    lab = await upEngineLab([{}, {}])
  })
  afterAll(() => lab?.down())

  it('evicts what guests hold, and as much as a dry run and an independent program say', async () => {
    await lab.whileStopped(async () => {
      const expected = await measureExpected(lab)
      const plan = await lab.helperJson('scrub --dry-run', scrubResult)
      const before = await readResidency(lab.images)
      const done = await lab.helperJson('scrub', scrubResult)
      const after = await readResidency(lab.images)
      for (const path of lab.images) {
        const [residentBytes, leftBytes] = [countBytes(before[path]), countBytes(after[path])]
        const image = imageOf(done, path)
        // Not to the page: other programs, and the kernel's own reclaim, move page cache meanwhile.
        expectWithin(image.residentBeforeBytes, residentBytes, 0.01, 2 * MIB)
        expectWithin(image.residentAfterBytes, leftBytes, 0.01, MIB)
        expectWithin(image.evictedBytes, residentBytes - leftBytes, 0.01, 2 * MIB)
        expect(image.evictedBytes).toBeGreaterThan(20 * MIB)
        // Large folios with a page that no guest holds stay as a whole; and what the kernel took away since a look was
        // among what that look found.
        const { residentPages = Number.NaN, doubleCachedPages = Number.NaN } = expected.images[path] ?? {}
        const planned = imageOf(plan, path)
        for (const [foundBytes, doubleBytes] of [
          [residentPages * PAGE, doubleCachedPages * PAGE],
          [planned.residentBeforeBytes, planned.evictedBytes],
        ] as const) {
          const goneBytes = Math.max(0, foundBytes - residentBytes)
          const leastBytes = Math.min(image.evictedBytes, doubleBytes)
          expectWithin(Math.max(leastBytes, doubleBytes - goneBytes), image.evictedBytes, 0.01, 4 * MIB)
        }
      }
    })
  })

  it('loses nothing that was written and not synced', async () => {
    const [guest] = lab.host.guests
    const path = guest?.images[0]
    if (!guest || path === undefined) throw new Error('no image')
    // Past the files: another lab may boot from this image later.
    const start = Math.floor(statSync(path).size / MIB - 4) * MIB
    const content = randomBytes(2 * MIB)
    writeAt(path, start, content)
    // The guest now holds the pages too: they are what a scrub would evict, were they clean.
    await guest.command(`dd if=/dev/nvme0n1 of=/dev/null bs=1M skip=${start / MIB} count=2`)

    const kept = imageOf(await lab.helperJson(`scrub --image ${path}`, scrubResult), path)
    expect(kept.keptDirtyBytes).toBeGreaterThanOrEqual(content.length)
    expect(readAt(path, start, content.length).equals(content)).toBe(true)

    const flushed = imageOf(await lab.helperJson(`scrub --flush-dirty --image ${path}`, scrubResult), path)
    expect(flushed.keptDirtyBytes).toBe(0)
    expect(flushed.evictedBytes).toBeGreaterThanOrEqual(content.length)
    await dropCache(path, 0, statSync(path).size)
    expect(readAt(path, start, content.length).equals(content)).toBe(true)
  })

  it('leaves alone what another process writes, and refuses what is no image', async () => {
    const [path = ''] = lab.images
    const busy = await lab.host.exec(
      `exec 5<>'${path}'; ${lab.program} scrub --json --image '${path}' 5<&-; exit $?`,
    )
    expect(busy.code).toBe(0)
    const image = imageOf(scrubResult.parse(JSON.parse(busy.stdout)), path)
    expect(image.skipped?.code).toBe('opened-by-another-process')
    expect(image.evictedBytes).toBe(0)

    const missing = await lab.helper('scrub --json --image /etc/passwd')
    expect(missing.code).toBe(1)
    expect(JSON.parse(missing.stdout)).toMatchObject({ problem: { code: 'not-found' } })
  })
})

function imageOf(result: ScrubResult, path: string) {
  const image = result.images.find((one) => one.path === path)
  if (image === undefined) throw new Error(`image ${path} was not scrubbed`)
  return image
}

/** Of pages told by one digit each, 1 where resident. */
function countBytes(residency = ''): number {
  return residency.replaceAll('0', '').length * PAGE
}

function expectWithin(measured: number, expected: number, ratio: number, bytes: number): void {
  expect(Math.abs(measured - expected)).toBeLessThanOrEqual(Math.max(expected * ratio, bytes))
}

function writeAt(path: string, position: number, content: Buffer): void {
  const fd = openSync(path, 'r+')
  try {
    writeSync(fd, content, 0, content.length, position)
  } finally {
    closeSync(fd)
  }
}

function readAt(path: string, position: number, length: number): Buffer {
  const content = Buffer.alloc(length)
  const fd = openSync(path, 'r')
  try {
    readSync(fd, content, 0, length, position)
  } finally {
    closeSync(fd)
  }
  return content
}
