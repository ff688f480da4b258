// Whether something leaves the page cache of images as it is, page by page.
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { readResidency } from './engine-lab.ts'

const ATTEMPTS = 3

/**
 * The kernel may take pages away meanwhile (DAMON's proactive reclaim does, where a host has it on): an attempt with
 * a difference counts only where nothing moves by itself in as long a time.
 */
export async function expectUntouched(
  images: readonly string[],
  look: () => Promise<unknown>,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const before = await readResidency(images)
    const began = performance.now()
    await look()
    const after = await readResidency(images)
    if (JSON.stringify(before) === JSON.stringify(after)) return
    await sleep(performance.now() - began)
    const isQuiet = JSON.stringify(await readResidency(images)) === JSON.stringify(after)
    if (isQuiet && attempt >= ATTEMPTS) expect(digest(after)).toEqual(digest(before))
    if (attempt >= ATTEMPTS * 2) throw new Error('cannot compare: residency changes without the helper')
  }
}

/** Resident pages in number and by place, short enough to print where they differ. */
function digest(residency: Record<string, string>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(residency).map(([path, pages]) => [
      path,
      { resident: pages.replaceAll('0', '').length, runs: runsOf(pages) },
    ]),
  )
}

function runsOf(pages: string): string {
  return [...pages.matchAll(/1+/g)].map((run) => `${run.index}+${run[0].length}`).join(' ')
}
