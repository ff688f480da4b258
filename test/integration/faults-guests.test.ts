// Guests that end, start, pause or give memory back while they are being scanned.
import { spawn } from 'node:child_process'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Assessment, assessment } from '../../src/shared/contract/assessment.ts'
import { scrubResult } from '../../src/shared/contract/page-cache.ts'
import { type FaultLab, upFaultLab, waitForStep } from '../beds/fault/fault-lab.ts'
import { isRoot } from '../beds/is-root.ts'
import { buildStandInGuest } from '../beds/lab/stand-in-guest.ts'

const MIB = 2 ** 20

// First touches of so much memory may take a virtual machine a minute.
describe.skipIf(!isRoot)('guests that change while they are scanned', { timeout: 300_000 }, () => {
  let lab: FaultLab
  let block = ''

  beforeAll(async () => {
    lab = await upFaultLab({ leavesKsm: true })
    block = lab.writeFile('contents', 16).block
  })
  beforeEach(async () => {
    await lab.startGuest({ name: 'first', ramMiB: 128, contents: [block, block], stepMiB: 32 })
  })
  afterEach(() => lab.killGuests())
  afterAll(() => lab?.down())

  it.each([1, 2, 3, 4])('reports a guest that is killed in mid-scan as gone, round %i', async (round) => {
    const image = lab.writeFile(`image-${round}`, 16)
    const drives = [`file=${image.path},format=raw`]
    const dying = await lab.startGuest({ name: 'dying', ramMiB: 1024, drives })
    await lab.startGuest({ name: 'last', ramMiB: 128, contents: [image.block] })
    const session = await lab.openSession('--read-only')
    const method = round % 2 === 0 ? 'page-cache/plan' : 'assess'
    const id = session.request(method, { progressToken: 'scan' })
    await waitForStep(session, 'scan', /^reading guest dying/)
    // Held, so that the guest is gone for good before the scan goes on.
    await session.whileHeld(() => dying.kill())
    const { error, result } = await session.waitFor((answer) => answer.id === id)
    expect(error).toBeUndefined()
    const found = (method === 'assess' ? assessment : scrubResult).parse(result)
    // The guest, and the image that only it had open.
    expect(found.unreadable.map(({ problem }) => problem.code)).toEqual(['gone', 'gone'])
    expect(found.unreadable[0]?.path).toBe(`/proc/${dying.pidInHost}`)
    if (method === 'assess') expect(namesOf(found as Assessment)).toEqual(['first', 'last'])
    expect(await session.end()).toBe(0)
  })

  it('leaves out a guest that starts in mid-scan, and finds it the next time', async () => {
    await lab.startGuest({ name: 'large', ramMiB: 1024 })
    const session = await lab.openSession('--read-only')
    const id = session.request('assess', { progressToken: 'scan' })
    await waitForStep(session, 'scan', /^reading guest/)
    await session.whileHeld(() => lab.startGuest({ name: 'late', ramMiB: 96 }))
    const found = assessment.parse((await session.waitFor((answer) => answer.id === id)).result)
    expect(namesOf(found)).toEqual(['first', 'large'])
    expect(found.unreadable).toEqual([])
    const next = assessment.parse((await session.call('assess')).result)
    expect(namesOf(next)).toEqual(['first', 'large', 'late'])
    expect(await session.end()).toBe(0)
  })

  it('reads a guest that is paused in mid-scan as any other', async () => {
    const paused = await lab.startGuest({ name: 'paused', ramMiB: 768 })
    const session = await lab.openSession('--read-only')
    const id = session.request('assess', { progressToken: 'scan' })
    await waitForStep(session, 'scan', /^reading guest/)
    process.kill(paused.pid, 'SIGSTOP')
    const stopped = assessment.parse((await session.waitFor((answer) => answer.id === id)).result)
    process.kill(paused.pid, 'SIGCONT')
    const resumed = assessment.parse((await session.call('assess')).result)
    expect(stopped.unreadable).toEqual([])
    expect(residentOf(stopped, 'paused')).toBe(768 * MIB)
    expect(residentOf(resumed, 'paused')).toBe(768 * MIB)
    expect(await session.end()).toBe(0)
  })

  it('reads what is left of a guest that gives memory back and takes it again all the time', async () => {
    const program = await buildStandInGuest(lab.folder)
    const log = '/run/lab/churning'
    const started = await lab.host.exec(
      `true; setsid '${program}' -name guest=churning -m 256 -merge off -churn >${log} 2>&1 & echo $!; ` +
        `until grep -q ready ${log}; do sleep 0.05; done`,
    )
    for (let round = 0; round < 5; round += 1) {
      const found = await lab.helperJson('assess', assessment)
      expect(found.unreadable).toEqual([])
      // At most one piece of 4 MiB is absent, and half of each touched again is.
      const resident = residentOf(found, 'churning')
      expect(resident).toBeLessThanOrEqual(256 * MIB)
      expect(resident).toBeGreaterThan(100 * MIB)
    }
    await lab.host.exec(`kill -9 ${started.stdout.trim()}`)
  })

  it('passes processes that vanish while they are looked at', async () => {
    // Short-lived processes that look like guests, to be met at every stage of their lives.
    const storm = spawn('nsenter', [
      ...['--target', `${lab.host.initPid}`, '--pid', '--mount', 'sh', '-c'],
      'cp /bin/sleep /run/lab/qemu-system-short; until [ -e /run/lab/calm ]; do ' +
        'for i in 1 2 3 4 5 6 7 8; do /run/lab/qemu-system-short 0.0$i 0 & done; wait; done',
    ])
    // Once it is calm, it may have ended before anybody listens.
    const ended = new Promise((resolve) => storm.once('exit', resolve))
    try {
      const session = await lab.openSession('--read-only')
      const seen = new Set<string>()
      // Until some were met; a quiet machine is done with most before it looks.
      for (let round = 0; round < 20 || (!seen.has('gone') && round < 400); round += 1) {
        const found = assessment.parse((await session.call('assess')).result)
        for (const { problem } of found.unreadable) seen.add(problem.code)
        expect(namesOf(found)).toContain('first')
        expect((await session.call('sample')).error).toBeUndefined()
      }
      // One that lives long enough to be looked at has no RAM, since it is none: `not-found`.
      seen.delete('not-found')
      expect([...seen]).toEqual(['gone'])
      expect(await session.end()).toBe(0)
    } finally {
      await lab.host.exec('touch /run/lab/calm')
      await ended
    }
  })
})

function namesOf(found: Assessment): string[] {
  return found.guests.map(({ name }) => name)
}

function residentOf(found: Assessment, name: string): number {
  return found.guests.find((guest) => guest.name === name)?.residentBytes ?? Number.NaN
}
