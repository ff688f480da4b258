// Why merging is left alone: another program, or the kernel's advisor, sets KSM's pace.
import type { Reason } from '../../../src/shared/contract/quantity.ts'
import { Problem } from '../../../src/shared/problem.ts'
import type { KernelRoot } from '../kernel/kernel-root.ts'
import { readKsmSettings } from '../kernel/read-ksm.ts'
import { describeGovernors, findGovernors } from './governors.ts'

/**
 * Reasons for guests whose RAM may be merged. Empty: no other program that is visible governs KSM, or this kernel has no KSM.
 * Needs no privilege.
 */
export async function explainGovernors(root: KernelRoot): Promise<Reason[]> {
  try {
    const governors = describeGovernors(await findGovernors(root, await readKsmSettings(root)))
    if (governors.length === 0) return []
    const text =
      `${governors.join(' and ')} ${governors.length > 1 ? 'set' : 'sets'} how fast KSM merges, and whether: ` +
      'take it over to govern KSM from here'
    return [{ code: 'another-governor', text: text.slice(0, 1024) }]
  } catch (error) {
    if (error instanceof Problem && error.code === 'not-supported') return []
    throw error
  }
}
