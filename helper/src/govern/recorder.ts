// Appends observations to a recording that the replay bench reads.
import { appendFileSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { wallClock } from '../../../src/shared/time/wall-clock.ts'
import { systemProblem } from '../kernel/system-error.ts'
import type { RecordingHeader } from '../policies/recording.ts'
import type { ScrubObservation } from '../policies/scrub-observation.ts'

/** Starts a new file; throws a Problem where one is there: time would not go forward in it. */
export function startRecording(path: string): (seen: ScrubObservation) => void {
  const source = `governed host ${hostname()} since ${new Date(wallClock()).toISOString()}`.slice(0, 512)
  const header: RecordingHeader = { recording: 'scrub-observations', version: 1, source }
  attempt(path, () => writeFileSync(path, `${JSON.stringify(header)}\n`, { flag: 'wx', mode: 0o600 }))
  return (seen) => attempt(path, () => appendFileSync(path, `${JSON.stringify(seen)}\n`))
}

function attempt(path: string, write: () => void): void {
  try {
    write()
  } catch (error) {
    throw systemProblem(error, `record observations in ${path}`)
  }
}
