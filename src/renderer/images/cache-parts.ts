// The page cache of images, split into parts that do not overlap and add up to it. Pure.
import type { AssessedImage } from '../../shared/contract/index.ts'
import { figureErrors } from '../../shared/figures/figure-errors.ts'
import type { Part } from '../ui/PartsBar.tsx'

type Cached = Pick<AssessedImage, 'residentBytes' | 'doubleCachedBytes' | 'heldByOthersBytes'>

export function cachePartsOf(images: readonly Cached[]): Part[] {
  const sum = (read: (image: Cached) => number) => images.reduce((bytes, image) => bytes + read(image), 0)
  const resident = sum(({ residentBytes }) => residentBytes)
  const double = sum(({ doubleCachedBytes }) => doubleCachedBytes)
  const others = sum(({ heldByOthersBytes }) => heldByOthersBytes ?? 0)
  return [
    {
      label: 'Double cached',
      bytes: double,
      color: 'var(--q-double-cached)',
      about: `Content that is also in the RAM of a guest that has the image open. A scrub evicts its clean pages. ${figureErrors.content}`,
    },
    {
      label: 'Held by other guests',
      bytes: others,
      color: 'var(--q-other-cache)',
      about: `Content held only by guests that do not have the image open. It is never evicted because of them. ${figureErrors.content}`,
    },
    {
      label: 'Unique',
      bytes: Math.max(0, resident - double - others),
      color: 'var(--q-image-cache)',
      about: `Content that no scanned guest holds. A scrub keeps it. ${figureErrors.content}`,
    },
  ]
}
