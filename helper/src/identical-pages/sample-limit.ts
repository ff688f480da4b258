// When a host is too big for a record of every page: contents are then sampled.
import type { SampleLimit } from './hash-records.ts'

/** 96 GiB of pages, 288 MiB of records. Beyond, contents are sampled, so that the helper stays within 512 MiB. */
export const EXACT_PAGES = 24 * 1024 * 1024

/** `exactPages`: pages up to which all are kept. undefined: all are. */
export function chooseSample(expectedPages: number, exactPages = EXACT_PAGES): SampleLimit | undefined {
  if (expectedPages <= exactPages) return undefined
  // Half of the room, since a content with many copies is kept as a whole. Where more comes all the same, the class of
  // contents that are kept is halved.
  return { records: exactPages, level: Math.ceil(Math.log2((expectedPages * 2) / exactPages)) }
}
