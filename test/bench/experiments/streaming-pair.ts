// Workload (b) of the suite for as long as it is wanted: a reader by zipf beside a guest that streams.
import type { Lab, LabGuest } from '../../beds/lab/lab.ts'
import { runFio, zipfReads } from '../suite/fio.ts'
import { fullPair } from '../suite/pair.ts'

const file = 'files/own/big.bin'

export interface StreamingPair {
  /** Rejects where a guest failed before the load was to end. */
  readonly ended: Promise<unknown>
}

/** Fills the reader's part first, so that there is something to lose. `streams`: without it the reader is alone. */
export async function startPair(lab: Lab, seconds: number, streams = true): Promise<StreamingPair> {
  const [reader, stream] = lab.hosts[0]?.guests ?? []
  if (reader === undefined || stream === undefined)
    throw new Error('cannot start the load: the lab has no pair')
  await reader.command(`dd if=/data/${file} of=/dev/null bs=1M count=${fullPair.readMiB}`)
  const reads = [...zipfReads(fullPair.theta, 1), `--size=${fullPair.readMiB}m`]
  const ended = Promise.all([
    runFio(reader, file, seconds, reads),
    ...(streams ? [readOverAndOver(stream, seconds)] : []),
  ])
  // Taking the lab down ends it, too.
  ended.catch(() => undefined)
  return { ended }
}

function readOverAndOver(guest: LabGuest, seconds: number) {
  return runFio(guest, file, seconds, ['--rw=read', '--bs=128k', `--rate=${fullPair.streamRate}`])
}
