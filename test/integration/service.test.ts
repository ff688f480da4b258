// The service without systemd: its command run by hand, sessions that talk through its socket, and what a killed one leaves.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type PolicyRound, policyRound, policyStatus } from '../../src/shared/contract/policy-runs.ts'
import { serviceStatus } from '../../src/shared/contract/service.ts'
import { buildHelper } from '../beds/engine/helper-binary.ts'
import { type Answer, HelperSession } from '../beds/engine/helper-session.ts'
import { listen, type RunningService, startService, takeLease, talk } from '../beds/engine/service-peers.ts'
import { isRoot } from '../beds/is-root.ts'
import { readKsmSettings, unmergeAll } from '../beds/lab/ksm-settings.ts'
import { downLab, smallContents, upLab } from '../beds/lab/lab.ts'

const LAB = join(tmpdir(), 'singleton-service-lab')
if (!isRoot) console.warn('skipped: the service and guests in a lab need root')

const policy = { scrub: { mode: 'adaptive' }, ksm: { mode: 'govern', startPotentialBytes: 2 ** 20 } }
const observing = { scrub: { mode: 'observe' }, ksm: { mode: 'observe' } }

describe.skipIf(!isRoot)('the service', () => {
  let helper = ''
  let folder = ''
  let found: ReturnType<typeof readKsmSettings>
  const services: RunningService[] = []
  const sessions: HelperSession[] = []

  beforeAll(async () => {
    helper = buildHelper()
    found = readKsmSettings()
    await upLab({ dir: LAB, hosts: [{ guests: 2 }], ...smallContents })
  })
  afterEach(async () => {
    for (const { child, ended } of sessions.splice(0)) {
      child.kill('SIGKILL')
      await ended
    }
    for (const { child, ended } of services.splice(0)) {
      child.kill('SIGTERM')
      await ended
    }
    expect(readKsmSettings()).toEqual(found)
    // Each policy finds something to merge.
    unmergeAll(found)
    rmSync(folder, { recursive: true, force: true })
  })
  afterAll(() => downLab(LAB))

  const socket = () => join(folder, 'run/socket')
  const policyFile = () => join(folder, 'etc/policy.json')
  const environment = () => ({
    PATH: process.env.PATH,
    SINGLETON_STATE_DIR: join(folder, 'state'),
    SINGLETON_RUN_DIR: join(folder, 'run'),
    SINGLETON_CONFIG_DIR: join(folder, 'etc'),
  })

  function prepare(text?: string): void {
    folder = mkdtempSync(join(tmpdir(), 'singleton-service-'))
    // Who may not talk to the service must be able to reach it, or that would be all that keeps them out.
    chmodSync(folder, 0o755)
    mkdirSync(join(folder, 'etc'), { mode: 0o700 })
    if (text !== undefined) writeFileSync(policyFile(), text, { mode: 0o600 })
  }

  async function start(extra: NodeJS.ProcessEnv = {}): Promise<RunningService> {
    const service = startService(helper, { ...environment(), ...extra })
    services.push(service)
    const isUp = () => existsSync(socket()) || service.child.exitCode !== null
    await expect.poll(isUp, { timeout: 30_000 }).toBe(true)
    return service
  }

  function open(): HelperSession {
    const session = new HelperSession(helper, ['--session'], environment())
    sessions.push(session)
    return session
  }

  const statusOf = async (session: HelperSession) =>
    policyStatus.parse((await session.call('policies/status')).result)

  /** Until KSM scans by the service's policy. */
  const untilScanning = () => expect.poll(() => readKsmSettings().run, { timeout: 60_000 }).toBe('1')

  it('runs the policy of its file, and sessions see it, its rounds and what it keeps from them', async () => {
    prepare(JSON.stringify(policy))
    const service = await start()
    await untilScanning()
    const session = open()
    await expect.poll(async () => (await statusOf(session)).run?.mode, { timeout: 30_000 }).toBe('service')
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
    expect(existsSync(join(folder, 'state/ksm-journal.json'))).toBe(false)
  })

  it('is given another policy, stopped and started by sessions, and keeps to it', async () => {
    prepare()
    const service = await start()
    const session = open()
    expect(await statusOf(session)).toEqual({})
    const started = policyStatus.parse((await session.call('policies/start', { policy })).result)
    expect(started.run).toMatchObject({ mode: 'service', policy })
    expect(JSON.parse(readFileSync(policyFile(), 'utf8'))).toMatchObject(policy)
    expect(statSync(policyFile()).mode & 0o777).toBe(0o600)
    await untilScanning()
    const gentler = { ...policy, ksm: { ...policy.ksm, cpuRatio: 0.1 } }
    const second = open()
    expect((await second.call('policies/start', { policy: gentler })).error).toMatchObject({
      message: expect.stringMatching(
        /the service has "scrub adaptive, KSM govern", which \S+ \(\S+\) set on/,
      ),
      data: { code: 'busy', remedy: expect.stringContaining('--replace') },
    })
    expect((await statusOf(second)).run?.policy.ksm.cpuRatio).toBe(started.run?.policy.ksm.cpuRatio)
    const replacing = { policy: gentler, replace: true }
    const changed = policyStatus.parse((await second.call('policies/start', replacing)).result)
    expect(changed.run?.policy.ksm.cpuRatio).toBe(0.1)
    // Nothing was put back in between: the first journal is still the one.
    const journal = JSON.parse(readFileSync(join(folder, 'state/ksm-journal.json'), 'utf8'))
    expect(String(journal.settings.run)).toBe(found.run)
    const stopped = policyStatus.parse((await session.call('policies/stop')).result)
    expect(stopped.run).toBeUndefined()
    expect(readKsmSettings()).toEqual(found)
    expect([existsSync(policyFile()), existsSync(join(folder, 'etc/policy.stopped.json'))]).toEqual([
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
    expect(service.said()).toContain('stopped the policy; the service waits for another')
  })

  it('refuses who is not root by what the kernel says, although they reach the socket', async () => {
    prepare()
    const service = await start()
    expect(statSync(socket()).mode & 0o777).toBe(0o600)
    expect(talk(socket(), 65534)).toContain('Permission denied')
    chmodSync(join(folder, 'run'), 0o755)
    chmodSync(socket(), 0o666)
    expect(talk(socket(), 65534)).toBe('')
    await expect.poll(service.said).toMatch(/refused a connection: process \d+ is of user 65534, not of root/)
    expect(talk(socket(), 0)).toMatch(/^singleton-helper 1 /)
    chmodSync(join(folder, 'run'), 0o700)
  })

  it('is put back by the next start where it was killed', async () => {
    prepare(JSON.stringify(policy))
    const service = await start()
    await untilScanning()
    service.child.kill('SIGKILL')
    await service.ended
    expect(readKsmSettings().run).toBe('1')
    writeFileSync(policyFile(), JSON.stringify(observing), { mode: 0o600 })
    // Its socket is left, and nobody listens there: a session then has an engine of its own.
    expect(existsSync(socket())).toBe(true)
    await start()
    await expect.poll(readKsmSettings, { timeout: 30_000 }).toEqual(found)
    expect(await statusOf(open())).toMatchObject({ run: { mode: 'service', policy: observing } })
  })

  it('hands over to the next one where an upgrade left the mark', async () => {
    prepare(JSON.stringify(policy))
    const first = await start()
    await untilScanning()
    const journal = readFileSync(join(folder, 'state/ksm-journal.json'), 'utf8')
    const mark = join(folder, 'run/hand-over')
    writeFileSync(mark, 'next\n', { mode: 0o600 })
    first.child.kill('SIGTERM')
    expect(await first.ended).toBe(0)
    expect(readFileSync(join(folder, 'state/ksm-journal.json'), 'utf8')).toBe(journal)
    expect(readKsmSettings().run).toBe('1')
    const second = await start()
    await expect.poll(() => existsSync(mark), { timeout: 30_000 }).toBe(false)
    expect(JSON.parse(readFileSync(join(folder, 'state/ksm-journal.json'), 'utf8')).settings).toEqual(
      JSON.parse(journal).settings,
    )
    // A mark that came after its start is for the one after it.
    writeFileSync(mark, 'the one after\n', { mode: 0o600 })
    second.child.kill('SIGTERM')
    expect(await second.ended).toBe(0)
    expect(existsSync(mark)).toBe(true)
    expect(existsSync(join(folder, 'state/ksm-journal.json'))).toBe(true)
    const third = await start()
    await expect.poll(() => existsSync(mark), { timeout: 30_000 }).toBe(false)
    third.child.kill('SIGTERM')
    expect(await third.ended).toBe(0)
    expect(readKsmSettings()).toEqual(found)
  })

  it('is found again by a session when it was started anew', async () => {
    prepare(JSON.stringify(observing))
    const first = await start()
    const session = open()
    await expect.poll(async () => (await statusOf(session)).run?.mode, { timeout: 30_000 }).toBe('service')
    first.child.kill('SIGTERM')
    expect(await first.ended).toBe(0)
    expect(await statusOf(session)).toEqual({})
    await start()
    const again = policyStatus.parse((await session.call('policies/start', { policy: observing })).result)
    expect(again.run?.mode).toBe('service')
    expect((await statusOf(session)).run?.mode).toBe('service')
  })

  it('says what is wrong with a policy file, runs the last good one, and takes a mended one on request', async () => {
    prepare(JSON.stringify(observing))
    const first = await start({ JOURNAL_STREAM: '8:1' })
    await expect.poll(async () => (await statusOf(open())).run?.mode, { timeout: 30_000 }).toBe('service')
    writeFileSync(policyFile(), '{"scrub": {"mode": "fast"}}', { mode: 0o600 })
    first.child.kill('SIGUSR2')
    await expect.poll(first.said).toMatch(/^<3>cannot use the policy file: .*last policy/m)
    const session = open()
    expect(await statusOf(session)).toMatchObject({
      run: { policy: observing },
      warning: expect.stringContaining('policy.broken.json'),
    })
    expect(readFileSync(join(folder, 'etc/policy.broken.json'), 'utf8')).toBe('{"scrub": {"mode": "fast"}}')
    writeFileSync(policyFile(), JSON.stringify({ ...observing, scrub: { mode: 'adaptive' } }), {
      mode: 0o600,
    })
    first.child.kill('SIGUSR2')
    await expect
      .poll(async () => (await statusOf(session)).run?.policy.scrub.mode, { timeout: 30_000 })
      .toBe('adaptive')
    await expect.poll(first.said).toMatch(/^<6>runs scrub adaptive, KSM observe$/m)
  })

  it('tells systemd when it is ready, that it lives, and that it ends', async () => {
    prepare()
    const path = join(folder, 'notify')
    const heard = listen(path)
    await expect.poll(() => existsSync(path)).toBe(true)
    const service = await start({ NOTIFY_SOCKET: path, WATCHDOG_USEC: '400000' })
    await expect
      .poll(heard.text, { timeout: 20_000 })
      .toMatch(/READY=1\n[\s\S]*WATCHDOG=1\n[\s\S]*WATCHDOG=1\n/)
    service.child.kill('SIGTERM')
    expect(await service.ended).toBe(0)
    await expect.poll(heard.text).toContain('STOPPING=1\nSTATUS=puts everything back')
    heard.end()
  })

  it('gives systemd no sign of life while its loop hangs', async () => {
    prepare(JSON.stringify(observing))
    const path = join(folder, 'notify')
    const heard = listen(path)
    await expect.poll(() => existsSync(path)).toBe(true)
    const service = await start({ NOTIFY_SOCKET: path, WATCHDOG_USEC: '200000' })
    const beats = () => heard.text().split('WATCHDOG=1').length - 1
    await expect.poll(beats).toBeGreaterThan(1)
    // Whoever opens the file waits in the kernel until the lease is given back.
    const lease = takeLease(policyFile())
    await expect.poll(lease.said).toContain('leased')
    service.child.kill('SIGUSR2')
    await expect.poll(lease.said).toContain('wanted')
    const before = beats()
    await sleep(2000)
    // One may have been on its way.
    expect(beats() - before).toBeLessThan(2)
    lease.giveBack()
    await expect.poll(beats).toBeGreaterThan(before + 2)
    heard.end()
  })

  it('waits for a session that runs a policy, and goes on when that has ended', async () => {
    prepare(JSON.stringify(observing))
    const session = open()
    expect((await session.call('policies/start', { policy: observing })).error).toBeUndefined()
    const service = await start()
    await expect
      .poll(service.said, { timeout: 20_000 })
      .toMatch(/waits: cannot change this host: process \d+/)
    expect((await statusOf(session)).run?.mode).toBe('session')
    session.child.stdin.end()
    await session.ended
    await expect
      .poll(async () => (await statusOf(open())).run?.mode, { timeout: 30_000, interval: 2000 })
      .toBe('service')
  })

  it('is not installed where systemd does not run the host', async () => {
    prepare()
    if (existsSync('/run/systemd/system')) return
    const session = open()
    const status = serviceStatus.parse((await session.call('service/status')).result)
    expect(status).toMatchObject({ state: 'unsupported', hasPolicy: false })
    for (const act of ['install', 'upgrade', 'rollback', 'remove'])
      expect((await session.call(`service/${act}`)).error?.data?.code).toBe('not-supported')
  })
})

function roundOf({ method, params }: Answer): PolicyRound | undefined {
  return method === 'policies/round' ? policyRound.parse(params) : undefined
}
