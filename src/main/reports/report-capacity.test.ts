import { describe, expect, it } from 'vitest'
import { assessedWeb, assessmentOf, readingOf, webGuests } from '../../../test/fakes/capacity-inputs.ts'
import { policySchema, type ReportedHost } from '../../shared/contract/index.ts'
import { estimateCapacity } from '../capacity/estimate.ts'
import { renderCapacity } from './report-capacity.ts'

const capacity = estimateCapacity({
  ...{ hostId: 'h1', hostName: 'kvm1', at: Date.UTC(2026, 0, 2), earlier: undefined, running: undefined },
  reading: readingOf(),
  assessment: assessmentOf(webGuests.map((pid) => assessedWeb(pid, { name: `<web-${pid}>` }))),
  like: undefined,
  asked: { policy: policySchema.parse({ ksm: { mode: 'govern' } }), title: 'under <all>' },
})
const host = (change: Partial<ReportedHost>): ReportedHost => ({
  ...{ name: 'kvm1', address: 'kvm1', figures: [], marks: [], notes: [] },
  ...change,
})

describe('the page on capacity', () => {
  it('is left out where nothing was estimated', () => {
    expect(renderCapacity([host({})])).toBe('')
  })

  it('has both scenarios with the bad day beside the saving, and no markup of a host', () => {
    const html = renderCapacity([host({ capacity }), host({ name: 'kvm2' })])
    expect(html.match(/Bad day: if all merged pages break at once/g)).toHaveLength(2)
    expect(html).toContain('under &lt;all&gt;')
    expect(html).not.toContain('<web-')
    expect(html).not.toContain('kvm2')
    expect(html).toContain('not known because')
  })
})
