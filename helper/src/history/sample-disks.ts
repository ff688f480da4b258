// Reads of the disks under the images, cumulative.
import type { SampledDisk } from '../../../src/shared/contract/history.ts'
import type { Image } from '../images/image.ts'
import { diskOfImage } from '../images/image-identity.ts'
import type { KernelRoot } from '../kernel/kernel-root.ts'
import { readDisks } from '../kernel/storage.ts'

/** Those that the kernel counts: images on tmpfs, a network or some copy-on-write file systems lie on none. */
export async function sampleDisks(root: KernelRoot, images: readonly Image[]): Promise<SampledDisk[]> {
  const counted = await readDisks(root)
  return [...new Set(images.map(({ id }) => diskOfImage(id)))].flatMap((device) => {
    const disk = counted.get(device)
    return disk === undefined ? [] : [{ device, reads: disk.reads, readSeconds: disk.readSeconds }]
  })
}
