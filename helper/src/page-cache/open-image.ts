// Opens an image through its guest's descriptor, for looking at what the page cache holds of it.
import { closeSync, fstatSync, openSync } from 'node:fs'
import { Problem } from '../../../src/shared/problem.ts'
import { type Image, imageId } from '../images/images.ts'
import { adviseNoReuse, type ByteRange, pageSize } from '../kernel/libc.ts'
import { errnoOf, systemProblem } from '../kernel/system-error.ts'
import { WINDOW_PAGES } from './image-window.ts'

export interface OpenImage {
  readonly fd: number
  readonly image: Image
}

/** Read-only; closed when `work` is done. Throws `gone` where the guest has exited or closed the image. */
export async function withOpenImage<T>(image: Image, work: (open: OpenImage) => Promise<T>): Promise<T> {
  const fd = openForScan(image)
  try {
    return await work({ fd, image })
  } finally {
    closeSync(fd)
  }
}

function openForScan(image: Image): number {
  let fd: number | undefined
  try {
    fd = openSync(image.openPath, 'r')
    // The guest's descriptor may be another file's by now.
    if (imageId(fstatSync(fd)) !== image.id) throw imageGone(image)
    adviseNoReuse(fd)
    return fd
  } catch (error) {
    // Kernels before 6.3 accept the advice and do nothing: failing is no ordinary answer.
    if (fd !== undefined) closeSync(fd)
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ESRCH') throw imageGone(image, error)
    throw systemProblem(error, `open image ${image.path}`)
  }
}

function imageGone(image: Image, cause?: unknown): Problem {
  return new Problem('gone', `cannot open image ${image.path}: its guest has ended or closed it`, { cause })
}

/** The image in windows, whole pages, as large as it is now: block devices do not change. */
export function listWindows(open: OpenImage): ByteRange[] {
  const size = open.image.format === 'block-device' ? open.image.sizeBytes : fstatSync(open.fd).size
  const end = Math.ceil(size / pageSize) * pageSize
  const windows: ByteRange[] = []
  for (let start = 0; start < end; start += WINDOW_PAGES * pageSize) {
    windows.push({ start, length: Math.min(WINDOW_PAGES * pageSize, end - start) })
  }
  return windows
}
