// The contents that the page cache holds of some images: distinct hashes, sorted, each with the index of its image.
import { HashRecords } from '../identical-pages/records/hash-records.ts'
import type { Image } from '../images/image.ts'
import { systemProblem } from '../kernel/system-error.ts'
import type { Pace } from '../pacing/pace.ts'
import type { ImageReader } from './image-reader.ts'
import { listWindows, withOpenImage } from './open-image.ts'

/**
 * Reads the resident pages of images. An image that cannot be read is left out: its own turn tells of it. Needs what
 * `withOpenImage` needs. Throws `cancelled`.
 */
export async function readImageContents(
  images: readonly Image[],
  expectedPages: number,
  reader: ImageReader,
  pace: Pace,
  signal: AbortSignal,
): Promise<{ readonly records: HashRecords; readonly hashedPages: number }> {
  const records = new HashRecords(expectedPages)
  let hashedPages = 0
  for (const [index, image] of images.entries()) {
    if (image.notApplicable !== undefined) continue
    try {
      await withOpenImage(image, async (open) => {
        for (const window of listWindows(open)) {
          const contents = reader.readWindow(open, window, (_page, lower, upper) =>
            records.addRecord(lower, upper, index),
          )
          hashedPages += contents.hashedPages
          if (pace.advance(contents.residentPages)) await pace.rest(`reading the page cache of ${image.path}`)
        }
      })
    } catch (error) {
      if (signal.aborted || systemProblem(error, '').code === 'internal') throw error
    }
  }
  await records.sort(pace)
  await records.keepDistinct(pace)
  return { records, hashedPages }
}
