import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type FixtureHost, makeFixtureHost } from '../../../test/fakes/ksm-fixture-host.ts'
import { listAudit } from '../changes/audit.ts'
import { readJournal } from '../ksm/journal.ts'
import { applyKsmActions, restoreFoundKsm } from './ksm-actions.ts'

const scan = { kind: 'scan', pagesToScan: 20_000, sleepMillisecs: 10 } as const

describe.each(['linux-6.1', 'linux-6.12-advisor', 'linux-6.18'] as const)('KSM actions on %s', (kernel) => {
  let host: FixtureHost
  beforeEach(() => {
    host = makeFixtureHost(kernel)
  })
  afterEach(() => host.remove())

  it('journals before the first change and puts everything back', async () => {
    // Where zero pages are not counted (6.1) they could not be unmerged: then the knob stays.
    host.write('use_zero_pages', '0')
    const found = host.readAll()
    await applyKsmActions(host.context, [scan])
    expect(host.read('run')).toBe('1')
    expect(host.read('pages_to_scan')).toBe('20000')
    expect(host.read('use_zero_pages')).toBe(kernel === 'linux-6.1' ? '0' : '1')
    expect(await readJournal(host.context.folders, host.context.root)).toBeDefined()
    await applyKsmActions(host.context, [{ kind: 'stop' }])
    expect(host.read('run')).toBe('0')
    expect(await restoreFoundKsm(host.context)).toBe(true)
    // A fixture takes the bare word where the kernel brackets it.
    const bare = (files: Record<string, string>) => ({
      ...files,
      advisor_mode: /\[(.+)\]/.exec(files.advisor_mode ?? '')?.[1] ?? files.advisor_mode,
    })
    expect(bare(host.readAll())).toEqual(bare(found))
    expect(await readJournal(host.context.folders, host.context.root)).toBeUndefined()
    const actions = listAudit(host.context.folders, 10).map(({ action }) => action)
    expect(actions).toEqual(['govern ksm', 'govern ksm', 'govern restore'])
  })

  it('writes and records nothing when nothing would change', async () => {
    await applyKsmActions(host.context, [scan])
    const before = host.readAll()
    await applyKsmActions(host.context, [{ ...scan, pagesToScan: 18_000 }])
    expect(host.readAll()).toEqual(before)
    expect(listAudit(host.context.folders, 10)).toHaveLength(1)
    await applyKsmActions(host.context, [{ ...scan, pagesToScan: 5_000 }])
    expect(host.read('pages_to_scan')).toBe('5000')
  })

  it('has nothing to put back when it changed nothing', async () => {
    expect(await restoreFoundKsm(host.context)).toBe(false)
    expect(listAudit(host.context.folders, 10)).toEqual([])
  })
})
