// Why the policy leaves a guest or an image alone.
import type { Reason } from '../../../src/shared/contract/quantity.ts'
import type { Exclusions } from '../pacing/scan-options.ts'
import type { Image } from './image.ts'
import type { NamedImages } from './named-images.ts'

/** Why nothing of the guest is merged, where the policy excludes it; else nothing. */
export function explainExcludedGuest(name: string, exclusions: Exclusions | undefined): Reason[] {
  if (!exclusions?.guests.includes(name)) return []
  return [{ code: 'excluded-by-policy', text: 'the policy keeps KSM away from this guest (ksm.exclude)' }]
}

/** `excluded`: the images that the policy names. */
export function explainExcludedImage(image: Image, excluded: NamedImages): Reason[] {
  if (!excluded.includes(image)) return []
  return [{ code: 'excluded-by-policy', text: 'the policy leaves this image alone (scrub.guards.exclude)' }]
}
