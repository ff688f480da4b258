import { afterEach, describe, expect, it } from 'vitest'
import { formatKsmStatus } from '../../../src/shared/text/ksm-text.ts'
import { type FixtureHost, makeFixtureHost } from '../../../test/fakes/ksm-fixture-host.ts'
import { readKsmStatus } from '../ksm/status.ts'
import { parseKnob, planWrites } from './knobs.ts'
import {
  readFullScans,
  readKsmCounters,
  readKsmSettings,
  readPagesScanned,
  readScanCounters,
} from './read-ksm.ts'

let host: FixtureHost
afterEach(() => host?.remove())

describe('settings and counters of three kernels', () => {
  it('leaves absent what Linux 6.1 does not have', async () => {
    host = makeFixtureHost('linux-6.1')
    const settings = await readKsmSettings(host.context.root)
    expect(settings).toEqual({
      run: 1,
      pagesToScan: 100,
      sleepMillisecs: 20,
      useZeroPages: 1,
      mergeAcrossNodes: 1,
      maxPageSharing: 256,
    })
    const counters = await readKsmCounters(host.context.root)
    expect(counters).not.toHaveProperty('ksmZeroPages')
    expect(counters).not.toHaveProperty('generalProfitBytes')
    expect(counters.ksmdCpuSeconds).toBe(5)
  })

  it('reads an advisor at work and a negative profit', async () => {
    host = makeFixtureHost('linux-6.12-advisor')
    const status = await readKsmStatus(host.context)
    expect(status.settings.advisorMode).toBe('scan-time')
    expect(status.counters.generalProfitBytes).toBe(-2310144)
    expect(status.governors).toEqual(['kernel advisor (scan-time)'])
    expect(formatKsmStatus(status)).toContain('kernel advisor (scan-time)')
  })

  it('counts merged zero pages as saved', async () => {
    host = makeFixtureHost('linux-6.18')
    const status = await readKsmStatus(host.context)
    expect(status.mergedBytes).toBe((106049 + 512) * 4096)
    expect(status).not.toHaveProperty('journaledSince')
  })

  it('reads what a burst is judged by: absent stays absent, and nothing is taken for 0', async () => {
    host = makeFixtureHost('linux-6.1')
    const { root } = host.context
    expect(await readScanCounters(root)).not.toHaveProperty('ksmZeroPages')
    expect(await readPagesScanned(root)).toBeUndefined()
    expect(await readFullScans(root)).toBeTypeOf('number')
    host.write('pages_volatile', '\n')
    await expect(readScanCounters(root)).rejects.toMatchObject({ code: 'not-supported' })
  })

  it('says that a kernel has no KSM, and that a counter makes no sense', async () => {
    host = makeFixtureHost('linux-6.1')
    host.write('pages_sharing', 'many\n')
    await expect(readKsmCounters(host.context.root)).rejects.toMatchObject({ code: 'not-supported' })
    const nowhere = { ...host.context.root, sys: '/nowhere' }
    await expect(readKsmSettings(nowhere)).rejects.toThrow('this kernel has no KSM')
  })
})

describe('knobs', () => {
  it.each([
    ['[none] scan-time\n', 'none'],
    ['none [scan-time]\n', 'scan-time'],
    ['none\n', 'none'],
  ])('parses advisor_mode %j', (text, mode) => expect(parseKnob('advisorMode', text)).toBe(mode))

  it('plans what differs and exists, run last', () => {
    const found = { run: 1, pagesToScan: 5000, sleepMillisecs: 10, smartScan: 1 }
    const wanted = { run: 0, pagesToScan: 100, sleepMillisecs: 10, smartScan: 0, advisorMode: 'none' }
    expect(planWrites(found, wanted)).toEqual([
      { setting: 'smartScan', value: '0' },
      { setting: 'pagesToScan', value: '100' },
      { setting: 'run', value: '0' },
    ])
  })
})
