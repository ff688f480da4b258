import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import type { ScrubPolicy } from '../../../src/shared/contract/policies.ts'
import { defaultChangePolicy, defaultPolicy } from '../../../src/shared/policies/policy-file.ts'
import { recordedWorkload } from '../../../test/replay/recorded-workload.ts'
import { replay } from '../../../test/replay/replay.ts'
import { parseRecording } from './recording.ts'

const file = 'test/fixtures/recordings/lab-b.jsonl.gz'

it('adaptive keeps the reader of a recorded lab in the cache, the kernel alone does not', {
  timeout: 60_000,
}, () => {
  const recording = parseRecording(gunzipSync(readFileSync(file)).toString())
  const hits = (policy: ScrubPolicy) =>
    replay(recordedWorkload(recording), policy).guests.find(({ name }) => name.includes('reader'))
      ?.hostHitRatio ?? 0
  const kernel = hits(defaultPolicy.scrub)
  expect(kernel).toBeGreaterThan(0)
  expect(hits(defaultChangePolicy.scrub)).toBeGreaterThan(2 * kernel)
})
