// fio inside a guest: one job, its figures.
import { z } from 'zod'
import type { LabGuest } from '../../beds/lab/lab.ts'

const direction = z.object({
  iops: z.number(),
  bw_bytes: z.number(),
  io_bytes: z.number(),
  total_ios: z.number(),
  clat_ns: z.object({ mean: z.number(), percentile: z.record(z.string(), z.number()).optional() }),
})
const output = z.object({ jobs: z.array(z.object({ read: direction, write: direction })).length(1) })

export interface FioFigures {
  /** Asked for by reads. */
  readonly readBytes: number
  /** Reads and writes together. */
  readonly iops: number
  readonly bytesPerSecond: number
  /** Of the reads. */
  readonly meanSeconds: number
  readonly p99Seconds: number
}

const startSeconds = 60

/** A file below the guest's disk, read or written for so long. `args` are fio's own. */
export async function runFio(
  guest: LabGuest,
  file: string,
  seconds: number,
  args: readonly string[],
): Promise<FioFigures> {
  const command = [
    'fio --name=load',
    `--filename=/data/${file}`,
    ...(args.some((arg) => arg.startsWith('--bs=')) ? [] : ['--bs=4k']),
    ...args,
    `--time_based --runtime=${seconds}`,
  ].join(' ')
  return parseFio(await guest.command(command, (seconds + startSeconds) * 1000))
}

/** The document may follow messages of fio. */
export function parseFio(text: string): FioFigures {
  const start = text.indexOf('{')
  if (start < 0) throw new Error(`cannot read what fio says: no JSON in: ${text.slice(0, 500)}`)
  const { read, write } = output.parse(JSON.parse(text.slice(start))).jobs[0] ?? {}
  if (read === undefined || write === undefined) throw new Error('cannot read what fio says: no job')
  const p99 = read.clat_ns.percentile?.['99.000000']
  return {
    readBytes: read.io_bytes,
    iops: read.iops + write.iops,
    bytesPerSecond: read.bw_bytes + write.bw_bytes,
    meanSeconds: read.clat_ns.mean / 1e9,
    p99Seconds: p99 === undefined ? Number.NaN : p99 / 1e9,
  }
}

/** Random reads of which few pages take most: always the same ones (the centre), in an order by the seed. */
export function zipfReads(theta: number, seed: number): string[] {
  return ['--rw=randread', `--random_distribution=zipf:${theta}:0.5`, '--norandommap', `--randseed=${seed}`]
}
