// Finds the images that a caller named among those that guests have.
import { stat } from 'node:fs/promises'
import { Problem } from '../../../src/shared/problem.ts'
import { type Image, imageId } from '../images/images.ts'
import { errnoOf, systemProblem } from '../kernel/system-error.ts'

/** By the path that the guest sees, or by one of this mount namespace. Throws `not-found`. */
export async function selectImages(
  images: readonly Image[],
  paths: readonly string[] | undefined,
): Promise<readonly Image[]> {
  if (paths === undefined) return images
  const selected = new Set<Image>()
  for (const path of paths) {
    const named = images.filter((image) => image.path === path)
    const found = named.length > 0 ? named : await findById(images, path)
    if (found.length === 0)
      throw new Problem('not-found', `cannot scrub ${path}: no guest has it as an image`)
    for (const image of found) selected.add(image)
  }
  return [...selected]
}

async function findById(images: readonly Image[], path: string): Promise<Image[]> {
  try {
    const id = imageId(await stat(path))
    return images.filter((image) => image.id === id)
  } catch (error) {
    const errno = errnoOf(error)
    if (errno === 'ENOENT' || errno === 'ENOTDIR') return []
    throw systemProblem(error, `look at ${path}`)
  }
}
