// Opens an image through its guest's descriptor, for looking at what the page cache holds of it.
import { closeSync, fstatSync, openSync } from 'node:fs'
import type { Image } from '../images.ts'
import { adviseNoReuse, type ByteRange, pageSize } from '../libc.ts'
import { systemProblem } from '../system-error.ts'
import { WINDOW_PAGES } from './image-window.ts'

export interface OpenImage {
  readonly fd: number
  readonly image: Image
}

/** Read-only; closed when `work` is done. Throws `gone` where the guest has exited. */
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
    adviseNoReuse(fd)
    return fd
  } catch (error) {
    // Kernels before 6.3 accept the advice and do nothing: failing is no ordinary answer.
    if (fd !== undefined) closeSync(fd)
    throw systemProblem(error, `open image ${image.path}`)
  }
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
