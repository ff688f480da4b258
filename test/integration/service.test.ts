// The service without systemd: its command run by hand, sessions that talk through its socket, and what a killed one leaves.
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type PolicyRound, policyRound, policyStatus } from '../../src/shared/contract/policy-runs.ts'
import { serviceStatus } from '../../src/shared/contract/service.ts'
import { buildHelper } from '../beds/engine/helper-binary.ts'
import type { Answer } from '../beds/engine/helper-session.ts'
import { talk } from '../beds/engine/service-peers.ts'
import { isRoot } from '../beds/is-root.ts'
import { readKsmSettings, unmergeAll } from '../beds/lab/ksm-settings.ts'
import { downLab, smallContents, upLab } from '../beds/lab/lab.ts'
import { ServiceBed, statusOf } from './service-bed.ts'

const LAB = join(tmpdir(), 'singleton-service-lab')
if (!isRoot) console.warn('skipped: the service and guests in a lab need root')

/** ksmd scans on after a burst: that it scans can be looked at whenever the machine gets to it. */
const policy = {
  scrub: { mode: 'adaptive' },
  ksm: { mode: 'govern', startPotentialBytes: 2 ** 20, afterBurst: 'trickle' },
}
const observing = { scrub: { mode: 'observe' }, ksm: { mode: 'observe' } }

describe.skipIf(!isRoot)('the service', () => {
  let bed: ServiceBed
  let found: ReturnType<typeof readKsmSettings>
  beforeAll(async () => {
    bed = new ServiceBed(buildHelper())
    found = readKsmSettings()
    await upLab({ dir: LAB, hosts: [{ guests: 2 }], ...smallContents })
  })
  afterEach(async () => {
    await bed.end()
    expect(readKsmSettings()).toEqual(found)
    // Each policy finds something to merge.
    unmergeAll(found)
    bed.remove()
  })
  afterAll(() => downLab(LAB))

  /** Until KSM scans by the service's policy. */
  const untilScanning = () => expect.poll(() => readKsmSettings().run, { timeout: 60_000 }).toBe('1')

  it('runs the policy of its file, and sessions see it, its rounds and what it keeps from them', async () => {
    bed.prepare(JSON.stringify(policy))
    const service = await bed.start()
    await untilScanning()
    const session = bed.open()
    await expect.poll(async () => (await statusOf(session)).run?.mode, { timeout: 60_000 }).toBe('service')
    const { run } = await statusOf(session)
    expect(run).toMatchObject({ policy, who: 'singleton-helper.service' })
    const round = await session.waitFor((answer) => roundOf(answer) !== undefined)
    expect(roundOf(round)?.sequence).toBeGreaterThan(0)
    for (const method of ['ksm/start', 'page-cache/scrub']) {
      const refused = await session.call(method)
      expect(refused.error).toMatchObject({
        data: { code: 'busy', remedy: expect.stringContaining('policy stop') },
        message: expect.stringContaining('singleton-helper.service (scrub adaptive, KSM govern)'),
      })
    }
    // The session goes, the policy stays.
    session.child.stdin.end()
    await session.ended
    expect(readKsmSettings().run).toBe('1')
    service.child.kill('SIGTERM')
    expect(await service.ended).toBe(0)
    expect(existsSync(join(bed.folder, 'state/ksm-journal.json'))).toBe(false)
  })

  it('is given another policy, stopped and started by sessions, and keeps to it', async () => {
    bed.prepare()
    const service = await bed.start()
    const session = bed.open()
    expect(await statusOf(session)).toEqual({})
    const started = policyStatus.parse((await session.call('policies/start', { policy })).result)
    expect(started.run).toMatchObject({ mode: 'service', policy })
    expect(JSON.parse(readFileSync(bed.policyFile, 'utf8'))).toMatchObject(policy)
    expect(statSync(bed.policyFile).mode & 0o777).toBe(0o600)
    await untilScanning()
    const gentler = { ...policy, ksm: { ...policy.ksm, cpuRatio: 0.1 } }
    const second = bed.open()
    expect((await second.call('policies/start', { policy: gentler })).error).toMatchObject({
      message: expect.stringMatching(
        /the service has "scrub adaptive, KSM govern", which \S+ \(\S+\) set on/,
      ),
      data: { code: 'other-policy', remedy: expect.stringContaining('--replace') },
    })
    expect((await statusOf(second)).run?.policy.ksm.cpuRatio).toBe(started.run?.policy.ksm.cpuRatio)
    const replacing = { policy: gentler, replace: true }
    const changed = policyStatus.parse((await second.call('policies/start', replacing)).result)
    expect(changed.run?.policy.ksm.cpuRatio).toBe(0.1)
    // Nothing was put back in between: the first journal is still the one.
    const journal = JSON.parse(readFileSync(join(bed.folder, 'state/ksm-journal.json'), 'utf8'))
    expect(String(journal.settings.run)).toBe(found.run)
    const stopped = policyStatus.parse((await session.call('policies/stop')).result)
    expect(stopped.run).toBeUndefined()
    expect(readKsmSettings()).toEqual(found)
    expect([existsSync(bed.policyFile), existsSync(join(bed.folder, 'etc/policy.stopped.json'))]).toEqual([
      false,
      true,
    ])
    const audit = (await session.call('audit/list', { limit: 50 })).result as { action: string }[]
    expect(audit.map(({ action }) => action)).toEqual(
      expect.arrayContaining([
        'service policy start',
        'policy start',
        'policy hand over',
        'policy stop',
        'service policy stop',
      ]),
    )
    await expect.poll(service.said).toContain('stopped the policy; the service waits for another')
  })

  it('refuses who is not root by what the kernel says, although they reach the socket', async () => {
    bed.prepare()
    const service = await bed.start()
    expect(statSync(bed.socket).mode & 0o777).toBe(0o600)
    expect(talk(bed.socket, 65534)).toContain('Permission denied')
    chmodSync(join(bed.folder, 'run'), 0o755)
    chmodSync(bed.socket, 0o666)
    expect(talk(bed.socket, 65534)).toBe('')
    await expect.poll(service.said).toMatch(/refused a connection: process \d+ is of user 65534, not of root/)
    expect(talk(bed.socket, 0)).toMatch(/^singleton-helper 1 /)
    chmodSync(join(bed.folder, 'run'), 0o700)
  })

  it('is put back by the next start where it was killed', async () => {
    bed.prepare(JSON.stringify(policy))
    const service = await bed.start()
    await untilScanning()
    service.child.kill('SIGKILL')
    await service.ended
    expect(readKsmSettings().run).toBe('1')
    writeFileSync(bed.policyFile, JSON.stringify(observing), { mode: 0o600 })
    // Its socket is left, and nobody listens there: a session then has an engine of its own.
    expect(existsSync(bed.socket)).toBe(true)
    await bed.start()
    await expect.poll(readKsmSettings, { timeout: 60_000 }).toEqual(found)
    expect(await statusOf(bed.open())).toMatchObject({ run: { mode: 'service', policy: observing } })
  })

  it('is put back by its unit where it was killed, though nothing starts it again', async () => {
    bed.prepare(JSON.stringify(policy))
    const service = await bed.start()
    await untilScanning()
    expect([bed.restore(), readKsmSettings().run]).toEqual(['', '1'])
    service.child.kill('SIGKILL')
    await service.ended
    expect(bed.restore()).toContain('what it changed is put back')
    expect([bed.restore(), readKsmSettings()]).toEqual(['', found])
  })

  it('hands over to the next one where an upgrade left the mark', async () => {
    bed.prepare(JSON.stringify(policy))
    const first = await bed.start()
    await untilScanning()
    const journal = readFileSync(join(bed.folder, 'state/ksm-journal.json'), 'utf8')
    const mark = join(bed.folder, 'run/hand-over')
    writeFileSync(mark, 'next\n', { mode: 0o600 })
    first.child.kill('SIGTERM')
    expect(await first.ended).toBe(0)
    expect(readFileSync(join(bed.folder, 'state/ksm-journal.json'), 'utf8')).toBe(journal)
    expect(readKsmSettings().run).toBe('1')
    const second = await bed.start()
    await expect.poll(() => existsSync(mark), { timeout: 60_000 }).toBe(false)
    expect(JSON.parse(readFileSync(join(bed.folder, 'state/ksm-journal.json'), 'utf8')).settings).toEqual(
      JSON.parse(journal).settings,
    )
    // A mark that came after its start is for the one after it.
    writeFileSync(mark, 'the one after\n', { mode: 0o600 })
    second.child.kill('SIGTERM')
    expect(await second.ended).toBe(0)
    expect(existsSync(mark)).toBe(true)
    expect(existsSync(join(bed.folder, 'state/ksm-journal.json'))).toBe(true)
    const third = await bed.start()
    await expect.poll(() => existsSync(mark), { timeout: 60_000 }).toBe(false)
    third.child.kill('SIGTERM')
    expect(await third.ended).toBe(0)
    expect(readKsmSettings()).toEqual(found)
  })

  it('is found again by a session when it was started anew', async () => {
    bed.prepare(JSON.stringify(observing))
    const first = await bed.start()
    const session = bed.open()
    await expect.poll(async () => (await statusOf(session)).run?.mode, { timeout: 60_000 }).toBe('service')
    first.child.kill('SIGTERM')
    expect(await first.ended).toBe(0)
    expect(await statusOf(session)).toEqual({})
    await bed.start()
    const again = policyStatus.parse((await session.call('policies/start', { policy: observing })).result)
    expect(again.run?.mode).toBe('service')
    expect((await statusOf(session)).run?.mode).toBe('service')
  })

  it('waits for a session that runs a policy, and goes on when that has ended', async () => {
    bed.prepare(JSON.stringify(observing))
    const session = bed.open()
    expect((await session.call('policies/start', { policy: observing })).error).toBeUndefined()
    const service = await bed.start()
    await expect
      .poll(service.said, { timeout: 60_000 })
      .toMatch(/waits: cannot change this host: process \d+/)
    expect((await statusOf(session)).run?.mode).toBe('session')
    session.child.stdin.end()
    await session.ended
    await expect
      .poll(async () => (await statusOf(bed.open())).run?.mode, { timeout: 60_000, interval: 2000 })
      .toBe('service')
  })

  it('is not installed where systemd does not run the host', async () => {
    bed.prepare()
    if (existsSync('/run/systemd/system')) return
    const session = bed.open()
    const status = serviceStatus.parse((await session.call('service/status')).result)
    expect(status).toMatchObject({ state: 'unsupported', hasPolicy: false })
    for (const act of ['install', 'upgrade', 'rollback', 'remove'])
      expect((await session.call(`service/${act}`)).error?.data?.code).toBe('not-supported')
  })
})

function roundOf({ method, params }: Answer): PolicyRound | undefined {
  return method === 'policies/round' ? policyRound.parse(params) : undefined
}
