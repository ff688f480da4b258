// Workload (b) of the suite in small: a guest that reads the same part again and again, beside one that streams past it.
import { dirname } from 'node:path'
import { limitMemory, limitReads, readMemoryUse } from './cgroups.ts'
import type { LabGuest, LabHost } from './lab-host.ts'

/** Wide enough to limit nothing until the load starts, as the control group must be there from the start. */
export const wideBytes = 64 * 2 ** 30
/** Of storage: where it is slow, a miss costs something. */
const narrowIops = 1500
export const wideIops = 1_000_000
/** Of image cache: less than what streams by, more than what the reader needs. */
const cacheBytes = 96 * 2 ** 20

/** Leaves the guests of a host with limits so much image cache that the stream does not fit, and slow storage. */
export function narrowCache({ cgroups, guests }: LabHost): void {
  const { usedBytes, cacheBytes: cached } = readMemoryUse(cgroups)
  limitMemory(cgroups, usedBytes - cached + cacheBytes)
  limitReads(cgroups, folderOf(guests), narrowIops)
}

/** Undoes `narrowCache`. */
export function widenCache({ cgroups, guests }: LabHost): void {
  limitMemory(cgroups, wideBytes)
  limitReads(cgroups, folderOf(guests), wideIops)
}

function folderOf([guest]: readonly LabGuest[]): string {
  const image = guest?.images[0]
  if (image === undefined) throw new Error('cannot limit reads: the host has no image')
  return dirname(image)
}

/**
 * Past the guests' own caches, so that each read asks the host. Both need fio. It ends by itself after so many seconds,
 * or with the lab; a guest that fails reads nothing, and what measures it sees that.
 */
export function startReaderBesideStream({ guests: [reader, stream] }: LabHost, seconds: number): void {
  if (reader === undefined || stream === undefined)
    throw new Error('cannot start the load: the host has no two guests')
  const own = ['big', '01', '02', '03', '04', '05', '06'].map((name) => `/data/files/own/${name}.bin`)
  const part = `--filename=${own[0]} --size=24m --random_distribution=zipf:0.75:0.5 --norandommap`
  run(reader, `${part} --rw=randread --bs=4k --rate_iops=1500`, seconds)
  run(
    stream,
    `--filename=${own.join(':')} --file_service_type=sequential --rw=read --bs=128k --rate_iops=800`,
    seconds,
  )
}

function run(guest: LabGuest, work: string, seconds: number): void {
  const command = `fio --name=load --direct=1 --readonly ${work} --time_based --runtime=${seconds}`
  guest.command(command, (seconds + 60) * 1000).catch((error: unknown) => {
    console.warn(
      `the load of ${guest.name} ended: ${error instanceof Error ? error.message.slice(0, 500) : error}`,
    )
  })
}
