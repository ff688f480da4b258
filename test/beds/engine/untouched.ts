// Whether something leaves the page cache of images as it is, page by page.
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { readResidency } from './engine-lab.ts'

const ATTEMPTS = 20
/** Reclaim comes in bursts: so many differences between quiet times are no chance any more. */
const COUNTED = 5

/**
 * The kernel may take pages away meanwhile (DAMON's proactive reclaim does, where a host has it on): an attempt with
 * a difference counts only where nothing moves by itself in as long a time before and after. `prepare` comes before each, so
 * that what one has taken away is there for the next.
 */
export async function expectUntouched(
  images: readonly string[],
  look: () => Promise<unknown>,
  prepare: () => void = () => undefined,
): Promise<void> {
  let wasQuiet = false
  let counted = 0
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    prepare()
    const before = await readResidency(images)
    const began = performance.now()
    await look()
    const after = await readResidency(images)
    if (isSame(before, after)) return
    await sleep(performance.now() - began)
    const isQuiet = isSame(after, await readResidency(images))
    if (wasQuiet && isQuiet) counted += 1
    if (counted === COUNTED) expect(digest(after)).toEqual(digest(before))
    wasQuiet = isQuiet
  }
  throw new Error('cannot compare: residency changes without the helper')
}

function isSame(one: Record<string, string>, other: Record<string, string>): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
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
