// Finds the images that a caller named among those that guests have.
import { Problem } from '../../../src/shared/problem.ts'
import type { Image } from '../images/image.ts'
import { findImages } from '../images/named-images.ts'
import type { KernelRoot } from '../kernel/kernel-root.ts'

/** By identity, the path that a guest sees, or a path of this mount namespace. Throws `not-found`. */
export function selectImages(
  root: KernelRoot,
  images: readonly Image[],
  paths: readonly string[] | undefined,
): readonly Image[] {
  if (paths === undefined) return images
  const selected = new Set<Image>()
  for (const path of paths) {
    const found = findImages(root, images, path)
    if (found.length === 0)
      throw new Problem('not-found', `cannot scrub ${path}: no guest has it as an image`)
    for (const image of found) selected.add(image)
  }
  return [...selected]
}
