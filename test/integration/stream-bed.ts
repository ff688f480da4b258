// A reader of a file that fits the host's cache and not its guest, beside a stream that takes the cache.
import { dropCache } from '../beds/lab/images.ts'
import type { LabGuest } from '../beds/lab/lab.ts'
import { runFio, zipfReads } from '../bench/suite/fio.ts'

export const file = 'files/own/big.bin'
/** All of a guest's own files together fit neither the cache nor the guest. fio needs the RAM. */
export const plan = { ownMiB: 384, readMiB: 190, ramMiB: 192, limitMiB: 850, readIops: 1500 }

/** All own files in the order of the disk, 8 MiB at a time, over and over: at most 50 MiB/s, less where the machine is busy. */
const streaming =
  'while :; do for n in $(seq 0 23); do dd if=/data/files/own/big.bin of=/dev/null bs=1M skip=$((n*8)) count=8 2>/dev/null; ' +
  'usleep 150000; done; for f in /data/files/own/[0-9]*; do cat $f >/dev/null; usleep 150000; done; done'

/** Windows that may pass until hits stay. */
const patience = 8

/**
 * The reader's part is in the cache when the stream begins, and storage is slowed down. Returns how it reads on, for so
 * many seconds; the guest's command `stop` ends the stream.
 */
export async function beginStream(
  reader: LabGuest,
  stream: LabGuest,
  slowDown: () => void,
): Promise<(seconds: number) => Promise<unknown>> {
  let seed = 0
  const read = (seconds: number) => {
    seed += 1
    return runFio(reader, file, seconds, [...zipfReads(0.75, seed), `--size=${plan.readMiB}m`])
  }
  await stream.command(`dd if=/data/${file} of=/dev/null bs=1M count=${plan.ramMiB}`)
  await stream.command('drop')
  await dropCache([...reader.images, ...stream.images])
  await reader.command(`dd if=/data/${file} of=/dev/null bs=1M count=${plan.readMiB}`)
  await read(2)
  slowDown()
  await stream.command(`start ${streaming}`)
  return read
}

/** The stream takes the cache: hits fall until they stay. The most that the kernel alone may be said to have. */
export async function settled(hits: () => Promise<number>): Promise<number> {
  let [alone, before] = [await hits(), Number.POSITIVE_INFINITY]
  for (let at = 1; at < patience && Math.abs(before - alone) > 0.1; at += 1)
    [before, alone] = [alone, await hits()]
  // Read ahead for nothing counts as less than no hits.
  return Math.max(0, alone, Math.min(before, 1))
}
