// What hosts and guests say, in the texts of command lines: it begins no line, drives no terminal and turns no text.
import { describe, expect, it } from 'vitest'
import type { z } from 'zod'
import { documentOf } from '../../../test/fuzz/hostile-document.ts'
import { assessment } from '../contract/assessment.ts'
import { capacity } from '../contract/capacity.ts'
import { experimentPreview, experimentSummary, shownExperiment } from '../contract/experiments.ts'
import { forecast } from '../contract/forecast.ts'
import { guestSwitch } from '../contract/guests.ts'
import { ksmStatus } from '../contract/ksm.ts'
import { memoryMap } from '../contract/memory-map.ts'
import { scrubResult } from '../contract/page-cache.ts'
import { policyPreview, policyStatus } from '../contract/policy-runs.ts'
import { rollout } from '../contract/rollouts.ts'
import { serviceStatus } from '../contract/service.ts'
import { formatAssessment } from './assessment-text.ts'
import { formatCapacity } from './capacity-text.ts'
import { formatComparison } from './comparison-text.ts'
import { describeExperiment, describePlan, describeProgress, describeSummary } from './experiment-lines.ts'
import { formatForecast } from './forecast-text.ts'
import { formatGuestSwitch, formatKsmStatus } from './ksm-text.ts'
import { formatMap } from './map-text.ts'
import { describePreview, describeStatus } from './policy-text.ts'
import { describeRollout, describeRolloutHost } from './rollout-text.ts'
import { formatScrub } from './scrub-text.ts'
import { describeService } from './service-text.ts'
import { terminalText } from './terminal.ts'

const turns = 14
const plain = 'UTC'
/** As long as `plain` where it is shown, so that no column is cut. Begins with a time zone, which some texts are. */
const hostile = 'UTC\n\u001b[2K\rEVIL\u2028EVIL\u0085EVIL\u202e\u001b]0;EVIL\u0007'

const textOf = <S extends z.ZodType>(schema: S, format: (value: z.infer<S>) => string) => ({
  schema,
  format: format as (value: unknown) => string,
})

const texts = {
  assessment: textOf(assessment, formatAssessment),
  capacity: textOf(capacity, formatCapacity),
  experiment: textOf(shownExperiment, describeExperiment),
  'plan of an experiment': textOf(experimentPreview, describePlan),
  'progress of an experiment': textOf(shownExperiment, (shown) => describeProgress(shown).join('\n')),
  'summary of an experiment': textOf(experimentSummary, describeSummary),
  forecast: textOf(forecast, formatForecast),
  'switch of a guest': textOf(guestSwitch, formatGuestSwitch),
  'state of KSM': textOf(ksmStatus, formatKsmStatus),
  'memory map': textOf(memoryMap, formatMap),
  'preview of a policy': textOf(policyPreview, describePreview),
  'state of a policy': textOf(policyStatus, describeStatus),
  'roll-out': textOf(rollout, (value) =>
    [describeRollout(value), ...value.hosts.map(describeRolloutHost)].join('\n'),
  ),
  scrub: textOf(scrubResult, formatScrub),
  service: textOf(serviceStatus, describeService),
} as const

const linesOf = (text: string) => terminalText(text).split(/[\n\r\v\f\u0085\u2028\u2029]/)

describe('the text of a hostile', () => {
  it.each(Object.entries(texts))('%s', (_, { schema, format }) => {
    let seen = 0
    for (let turn = 0; turn < turns; turn += 1) {
      const lines = linesOf(format(documentOf(schema, hostile, turn)))
      expect(lines).toHaveLength(linesOf(format(documentOf(schema, plain, turn))).length)
      for (const line of lines) expect(line).not.toMatch(/^\s*EVIL|[\p{Cc}\p{Cf}]/u)
      seen += lines.filter((line) => line.includes('EVIL')).length
    }
    expect(seen).toBeGreaterThan(0)
  })

  it('comparison', () => {
    const row = { key: 'a', rank: 1, name: hostile, mean: 1 }
    const view = { rows: [row], unit: 'bytes', notes: [`${hostile}: nothing was recorded`] } as const
    const lines = linesOf(
      formatComparison(view as unknown as Parameters<typeof formatComparison>[0], 'memory'),
    )
    expect(lines).toHaveLength(4)
    for (const line of lines) expect(line).not.toMatch(/^\s*EVIL|[\p{Cc}\p{Cf}]/u)
  })
})
