import { readdirSync, readFileSync, statSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { assessment } from '../../src/shared/contract/assessment.ts'
import { scrubResult } from '../../src/shared/contract/page-cache.ts'
import { dropCache, type EngineLab, isRoot, readResidency, upEngineLab } from './engine-lab.ts'

const KSM = '/sys/kernel/mm/ksm'
const isSetting = (name: string) => (statSync(`${KSM}/${name}`).mode & 0o200) !== 0
const ATTEMPTS = 3

function readKsmFiles(): Record<string, string> {
  const names = readdirSync(KSM).filter(isSetting)
  return Object.fromEntries(names.map((name) => [name, readFileSync(`${KSM}/${name}`, 'utf8')]))
}

describe.skipIf(!isRoot)('what only looks', () => {
  let lab: EngineLab
  beforeAll(async () => {
    lab = await upEngineLab([{}, { format: 'qcow2' }])
    // Half of every image goes, so that there are absent pages beside resident ones to be faulted in by mistake.
    for (const image of lab.images) {
      const { size } = statSync(image)
      for (let at = 0; at < size; at += 2 ** 20) await dropCache(image, at, at + 2 ** 19)
    }
  })
  afterAll(() => lab?.down())

  it.each([
    ['assess', () => lab.helperJson('assess', assessment)],
    ['scrub --dry-run', () => lab.helperJson('scrub --dry-run', scrubResult)],
  ])('leaves residency, page by page, and KSM as found: %s', async (_name, look) => {
    await lab.whileStopped(async () => {
      const ksm = readKsmFiles()
      const { before, after } = await lookBetween(lab, look)
      expect(after).toEqual(before)
      expect(readKsmFiles()).toEqual(ksm)
    })
  })
})

/** Other programs on the machine may take page cache away: an attempt counts only where nothing moved by itself. */
async function lookBetween(lab: EngineLab, look: () => Promise<unknown>) {
  for (let attempt = 1; ; attempt += 1) {
    const control = await readResidency(lab.images)
    const before = await readResidency(lab.images)
    await look()
    const after = await readResidency(lab.images)
    const isQuiet = JSON.stringify(control) === JSON.stringify(before)
    const isSame = JSON.stringify(before) === JSON.stringify(after)
    if (isSame || (isQuiet && attempt >= ATTEMPTS)) return { before: digest(before), after: digest(after) }
    if (attempt >= ATTEMPTS * 2) throw new Error('cannot compare: residency changes without the helper')
  }
}

/** Resident pages in number and by place, short enough to print where they differ. */
function digest(residency: Record<string, string>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(residency).map(([path, pages]) => [
      path,
      { resident: countOnes(pages), runs: runsOf(pages) },
    ]),
  )
}

function countOnes(pages: string): number {
  return pages.replaceAll('0', '').length
}

function runsOf(pages: string): string {
  return [...pages.matchAll(/1+/g)].map((run) => `${run.index}+${run[0].length}`).join(' ')
}
