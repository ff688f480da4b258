// Asks the helper and the independent program about the same moment: no guest runs meanwhile.
import { expect } from 'vitest'
import { type Assessment, assessment } from '../../../src/shared/contract/assessment.ts'
import { type EngineLab, type Expected, measureAround, whileStopped } from './engine-lab.ts'
import { expectGuestTruth, expectImageTruth } from './expect-truth.ts'

/**
 * Holds the helper's figures against the program's, of each guest and image and in total; returns both. khugepaged must sleep:
 * it changes guests that stand still.
 */
export async function compareTruth(lab: EngineLab): Promise<{ found: Assessment; expected: Expected }> {
  // Of guests, which stand still, nothing changes; images of the page cache may.
  const look = () => measureAround(lab, () => lab.helperJson('assess', assessment))
  const { before, done: found, after } = await whileStopped(lab.host.guests, look)
  expect(found.unreadable).toEqual([])
  expectGuestTruth(lab, found, before, after)
  expectImageTruth(found, before, after)
  return { found, expected: before }
}
