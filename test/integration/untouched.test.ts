import { readdirSync, readFileSync, statSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { assessment } from '../../src/shared/contract/assessment.ts'
import { scrubResult } from '../../src/shared/contract/page-cache.ts'
import { dropCache, type EngineLab, isRoot, upEngineLab } from './engine-lab.ts'
import { expectUntouched } from './untouched.ts'

const KSM = '/sys/kernel/mm/ksm'
const isSetting = (name: string) => (statSync(`${KSM}/${name}`).mode & 0o200) !== 0

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
      await expectUntouched(lab.images, look)
      expect(readKsmFiles()).toEqual(ksm)
    })
  })
})
