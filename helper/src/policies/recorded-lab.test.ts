import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { ScrubPolicy } from '../../../src/shared/contract/policies.ts'
import { defaultChangePolicy, defaultPolicy } from '../../../src/shared/policies/policy-file.ts'
import { recordedWorkload } from '../../../test/replay/recorded-workload.ts'
import { replay } from '../../../test/replay/replay.ts'
import { parseRecording } from './recording.ts'

const folder = 'test/fixtures/recordings'
const file = `${folder}/lab-b.jsonl.gz`

it('adaptive keeps the reader of a recorded lab in the cache, the kernel alone does not', {
  timeout: 60_000,
}, () => {
  const recording = parseRecording(gunzipSync(readFileSync(file)).toString())
  const hits = (policy: ScrubPolicy) =>
    replay(recordedWorkload(recording), policy).guests.find(({ name }) => name.includes('reader'))
      ?.hostHitRatio ?? 0
  const kernel = hits(defaultPolicy().scrub)
  expect(kernel).toBeGreaterThan(0)
  expect(hits(defaultChangePolicy().scrub)).toBeGreaterThan(2 * kernel)
})

const realRecordings = readdirSync(folder).filter((name) => name.startsWith('real-'))
/** Where nothing is to be won. */
const recordings = [...realRecordings, 'lab-loop-fits.jsonl.gz']

describe('on recordings of guests that have nothing to win', () => {
  it('has some to judge by', () => {
    expect(realRecordings.length).toBeGreaterThanOrEqual(3)
  })

  // The policy of then cost the guests 15 and 25 % of their work, and its replay 7 and 5 points of hits.
  it.each(recordings)('adaptive is never below 0.97 of the kernel alone: %s', { timeout: 60_000 }, (name) => {
    const recording = parseRecording(gunzipSync(readFileSync(join(folder, name))).toString())
    const run = (policy: ScrubPolicy) => replay(recordedWorkload(recording), policy)
    const [kernel, adaptive] = [run(defaultPolicy().scrub), run(defaultChangePolicy().scrub)]
    adaptive.guests.forEach((guest, at) => {
      expect(guest.hostHitRatio ?? 0).toBeGreaterThanOrEqual((kernel.guests[at]?.hostHitRatio ?? 0) * 0.97)
    })
    expect(adaptive.diskReads).toBeLessThanOrEqual(kernel.diskReads * 1.03)
  })
})
