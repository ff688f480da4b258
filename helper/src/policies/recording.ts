// Recordings of observations: JSON lines, the first one a header, each of the others one observation.

import { z } from 'zod'
import { name } from '../../../src/shared/contract/quantity.ts'
import { Problem } from '../../../src/shared/problem.ts'
import { withValue } from '../../../src/shared/with-value.ts'
import { type ScrubObservation, scrubObservation } from './scrub-observation.ts'

const recordingHeader = z.strictObject({
  recording: z.literal('scrub-observations'),
  version: z.literal(1),
  /** Where it comes from: `model` with its workload and seed, or the lab with its command. */
  source: name,
})
export type RecordingHeader = z.infer<typeof recordingHeader>

export interface Recording {
  readonly header: RecordingHeader
  readonly observations: readonly ScrubObservation[]
}

/** The text that `parseRecording` reads back. */
export function formatRecording(recording: Recording): string {
  return [recording.header, ...recording.observations].map((line) => `${JSON.stringify(line)}\n`).join('')
}

/** Throws Problem `bad-input` that names the line. */
export function parseRecording(text: string): Recording {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  const header = parseLine(lines[0] ?? '', 1, recordingHeader)
  const observations: ScrubObservation[] = []
  for (let index = 1; index < lines.length; index += 1) {
    const seen = parseLine(lines[index] ?? '', index + 1, scrubObservation)
    refuseContradictions(seen, observations.at(-1), index + 1)
    observations.push(seen)
  }
  if (observations.length === 0) throw refused(1, 'it holds no observation')
  return { header, observations }
}

function parseLine<S extends z.ZodType>(line: string, number: number, schema: S): z.infer<S> {
  let raw: unknown
  try {
    raw = JSON.parse(line)
  } catch (error) {
    throw refused(number, error instanceof Error ? error.message : String(error), error)
  }
  const parsed = schema.safeParse(raw)
  if (parsed.success) return parsed.data
  throw refused(number, z.prettifyError(parsed.error).slice(0, 1000))
}

/** What the schema cannot say: counts that cannot be true together, and time that runs back. */
function refuseContradictions(
  seen: ScrubObservation,
  before: ScrubObservation | undefined,
  line: number,
): void {
  if (before !== undefined && seen.atSeconds <= before.atSeconds)
    throw refused(line, 'time does not go forward')
  if (before !== undefined && seen.regionPages !== before.regionPages)
    throw refused(line, 'regionPages differs from the line before')
  for (const image of seen.images) {
    for (const region of image.regions) {
      const parts = [region.arrivedPages, region.doubleCachedPages ?? 0, region.dirtyPages ?? 0]
      if (region.residentPages > seen.regionPages || parts.some((pages) => pages > region.residentPages))
        throw refused(line, `region ${region.index} of ${image.path} counts more pages than it has`)
      if (region.sequentialPages > region.arrivedPages || region.returnedPages > region.arrivedPages)
        throw refused(line, `region ${region.index} of ${image.path} counts more arrivals than there were`)
    }
  }
}

function refused(line: number, reason: string, cause?: unknown): Problem {
  return new Problem('bad-input', `cannot use the recording: line ${line}: ${reason}`, withValue({ cause }))
}
