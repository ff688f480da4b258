// Why guests and images are left alone for reasons that are not their own: the policy, other governors of KSM.
import type { Reason } from '../../../src/shared/contract/quantity.ts'
import { Problem } from '../../../src/shared/problem.ts'
import type { Image } from '../images/image.ts'
import type { NamedImages } from '../images/named-images.ts'
import type { KernelRoot } from '../kernel/kernel-root.ts'
import { readKsmSettings } from '../kernel/read-ksm.ts'
import { describeGovernors, findGovernors } from '../ksm/governors.ts'
import type { Exclusions } from '../pacing/scan-options.ts'

/** Of guests whose RAM may be merged. Empty: nobody else governs KSM, or this kernel has none. */
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

export function explainExcludedGuest(name: string, exclusions: Exclusions | undefined): Reason[] {
  if (!exclusions?.guests.includes(name)) return []
  return [{ code: 'excluded-by-policy', text: 'the policy keeps KSM away from this guest (ksm.exclude)' }]
}

/** `excluded`: the images that the policy names. */
export function explainExcludedImage(image: Image, excluded: NamedImages): Reason[] {
  if (!excluded.includes(image)) return []
  return [{ code: 'excluded-by-policy', text: 'the policy leaves this image alone (scrub.guards.exclude)' }]
}
