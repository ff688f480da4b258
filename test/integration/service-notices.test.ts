// What the service says of itself, to systemd, to its journal and in its status; a policy that only observes is enough.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { buildHelper } from '../beds/engine/helper-binary.ts'
import { listen, takeLease } from '../beds/engine/service-peers.ts'
import { isRoot } from '../beds/is-root.ts'
import { ServiceBed, statusOf } from './service-bed.ts'

if (!isRoot) console.warn('skipped: the service needs root')

const observing = { scrub: { mode: 'observe' }, ksm: { mode: 'observe' } }

describe.skipIf(!isRoot)('what the service says', () => {
  let bed: ServiceBed
  beforeAll(() => {
    bed = new ServiceBed(buildHelper())
  })
  afterEach(async () => {
    await bed.end()
    bed.remove()
  })

  it('says what is wrong with a policy file, runs the last good one, and takes a mended one on request', async () => {
    bed.prepare(JSON.stringify(observing))
    const first = await bed.start({ JOURNAL_STREAM: '8:1' })
    await expect.poll(async () => (await statusOf(bed.open())).run?.mode, { timeout: 60_000 }).toBe('service')
    writeFileSync(bed.policyFile, '{"scrub": {"mode": "fast"}}', { mode: 0o600 })
    first.child.kill('SIGUSR2')
    await expect.poll(first.said).toMatch(/^<3>cannot use the policy file: .*last policy/m)
    const session = bed.open()
    expect(await statusOf(session)).toMatchObject({
      run: { policy: observing },
      warning: expect.stringContaining('policy.broken.json'),
    })
    expect(readFileSync(join(bed.folder, 'etc/policy.broken.json'), 'utf8')).toBe(
      '{"scrub": {"mode": "fast"}}',
    )
    writeFileSync(bed.policyFile, JSON.stringify({ ...observing, scrub: { mode: 'adaptive' } }), {
      mode: 0o600,
    })
    first.child.kill('SIGUSR2')
    await expect
      .poll(async () => (await statusOf(session)).run?.policy.scrub.mode, { timeout: 60_000 })
      .toBe('adaptive')
    await expect.poll(first.said).toMatch(/^<6>runs scrub adaptive, KSM observe$/m)
  })

  it('tells systemd when it is ready, that it lives, and that it ends', async () => {
    bed.prepare()
    const path = join(bed.folder, 'notify')
    const heard = listen(path)
    await expect.poll(() => existsSync(path)).toBe(true)
    const service = await bed.start({ NOTIFY_SOCKET: path, WATCHDOG_USEC: '400000' })
    await expect
      .poll(heard.text, { timeout: 60_000 })
      .toMatch(/READY=1\n[\s\S]*WATCHDOG=1\n[\s\S]*WATCHDOG=1\n/)
    service.child.kill('SIGTERM')
    expect(await service.ended).toBe(0)
    await expect.poll(heard.text).toContain('STOPPING=1\nSTATUS=puts everything back')
    heard.end()
  })

  it('gives systemd no sign of life while its loop hangs', async () => {
    bed.prepare(JSON.stringify(observing))
    const path = join(bed.folder, 'notify')
    const heard = listen(path)
    await expect.poll(() => existsSync(path)).toBe(true)
    const service = await bed.start({ NOTIFY_SOCKET: path, WATCHDOG_USEC: '200000' })
    const beats = () => heard.text().split('WATCHDOG=1').length - 1
    await expect.poll(beats).toBeGreaterThan(1)
    // Whoever opens the file waits in the kernel until the lease is given back.
    const lease = takeLease(bed.policyFile)
    await expect.poll(lease.said).toContain('leased')
    service.child.kill('SIGUSR2')
    await expect.poll(lease.said).toContain('wanted')
    // Those that were on their way arrive.
    let before = -1
    while (before !== beats()) {
      before = beats()
      await sleep(1000)
    }
    await sleep(2000)
    expect(beats()).toBe(before)
    lease.giveBack()
    await expect.poll(beats).toBeGreaterThan(before + 2)
    heard.end()
  })
})
