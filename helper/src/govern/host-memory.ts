// Memory of the host, as the policies see it.
import { withValue } from '../../../src/shared/with-value.ts'
import type { KernelRoot } from '../kernel/kernel-root.ts'
import { readMeminfo } from '../kernel/meminfo.ts'
import { pageSize } from '../kernel/page-size.ts'
import { readPressure } from '../kernel/pressure.ts'
import type { KsmObservation } from '../policies/ksm-observation.ts'
import type { ImageObservation } from '../policies/scrub-observation.ts'

/** In bytes; `images` as they were just observed. Throws a Problem where the memory of the host cannot be read. */
export async function readHostMemory(
  root: KernelRoot,
  images: readonly ImageObservation[],
): Promise<KsmObservation['memory']> {
  const { memTotalBytes, memAvailableBytes, anonHugeBytes } = await readMeminfo(root)
  const { someRatio: pressureRatio } = await readPressure(root, 'memory')
  let pages = 0
  for (const { regions } of images) for (const { residentPages } of regions) pages += residentPages
  return {
    totalBytes: memTotalBytes,
    availableBytes: memAvailableBytes,
    imageCacheBytes: pages * pageSize,
    ...withValue({ hugePageBytes: anonHugeBytes, pressureRatio }),
  }
}
