// Policies in session mode: one engine per host whoever asks, and everything put back however the session ends.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type PolicyRound, policyRound, policyStatus } from '../../src/shared/contract/policy-runs.ts'
import { buildHelper } from '../beds/engine/helper-binary.ts'
import { type Answer, HelperSession } from '../beds/engine/helper-session.ts'
import { isRoot } from '../beds/is-root.ts'
import { readKsmSettings, unmergeAll } from '../beds/lab/ksm-settings.ts'
import { downLab, smallContents, upLab } from '../beds/lab/lab.ts'

const LAB = join(tmpdir(), 'singleton-policies-lab')
if (!isRoot) console.warn('skipped: guests in a lab need root')

/** ksmd scans on after a burst: that it scans can be looked at whenever the machine gets to it. */
const policy = {
  scrub: { mode: 'adaptive' },
  ksm: { mode: 'govern', startPotentialBytes: 2 ** 20, afterBurst: 'trickle' },
}

describe.skipIf(!isRoot)('a policy in session mode', () => {
  let helper = ''
  let folder = ''
  let found: ReturnType<typeof readKsmSettings>
  const sessions: HelperSession[] = []

  beforeAll(async () => {
    helper = buildHelper()
    folder = mkdtempSync(join(tmpdir(), 'singleton-policies-'))
    found = readKsmSettings()
    await upLab({ dir: LAB, hosts: [{ guests: 2 }], ...smallContents })
  })
  afterEach(async () => {
    for (const { child, ended } of sessions.splice(0)) {
      child.kill('SIGKILL')
      await ended
    }
    // Each policy finds something to merge.
    unmergeAll(found)
  })
  afterAll(async () => {
    await downLab(LAB)
    rmSync(folder, { recursive: true, force: true })
  })

  function open(): HelperSession {
    const environment = { ...process.env, SINGLETON_STATE_DIR: folder, SINGLETON_RUN_DIR: folder }
    const session = new HelperSession(helper, ['--session'], environment)
    sessions.push(session)
    return session
  }

  /** Runs until KSM scans by it. */
  async function startScanning(session: HelperSession): Promise<void> {
    const started = await session.call('policies/start', { policy })
    expect(policyStatus.parse(started.result).run).toMatchObject({ mode: 'session', policy })
    await session.waitFor((answer) => roundOf(answer)?.ksm?.bursting === true)
    await expect.poll(() => readKsmSettings().run, { timeout: 60_000 }).toBe('1')
  }

  it('previews without changing anything', async () => {
    const session = open()
    const preview = await session.call('policies/preview', { policy, rounds: 2 })
    expect(preview.result).toMatchObject({ wouldMergeBytes: expect.any(Number), rounds: { length: 2 } })
    expect((preview.result as { wouldMergeBytes: number }).wouldMergeBytes).toBeGreaterThan(2 ** 20)
    expect(readKsmSettings()).toEqual(found)
    const audit = await session.call('audit/list', { limit: 10 })
    expect(audit.result).toEqual([])
  })

  it('has one engine: others are told who runs it, and cannot end it', async () => {
    const [first, second] = [open(), open()]
    await startScanning(first)
    const again = await first.call('policies/start', { policy })
    expect(again.error).toMatchObject({
      data: { code: 'busy' },
      message: expect.stringContaining('in session mode since'),
    })
    const status = policyStatus.parse((await second.call('policies/status')).result)
    expect(status).toMatchObject({
      heldBy: { pid: first.child.pid, action: 'policy scrub adaptive, KSM govern' },
    })
    for (const method of ['policies/start', 'policies/stop', 'ksm/stop'])
      expect((await second.call(method, { policy })).error?.data?.code).toBe('busy')
    const stopped = policyStatus.parse((await first.call('policies/stop')).result)
    expect(stopped).toEqual({})
    expect(readKsmSettings()).toEqual(found)
    const started = await second.call('policies/start', { policy })
    expect(started.error).toBeUndefined()
  })

  it('puts everything back when its session ends, and says so in the audit', async () => {
    const session = open()
    await startScanning(session)
    session.child.stdin.end()
    await session.ended
    expect(readKsmSettings()).toEqual(found)
    const audit = (await open().call('audit/list', { limit: 50 })).result as {
      action: string
      outcome: string
    }[]
    const lastStart = audit.findLastIndex(({ action }) => action === 'policy start')
    const lastStop = audit.findLastIndex(
      ({ action, outcome }) => action === 'policy stop' && outcome === 'done',
    )
    expect(lastStart).toBeGreaterThanOrEqual(0)
    expect(lastStop).toBeGreaterThan(lastStart)
  })

  it('is undone by the next start where its helper was killed', async () => {
    const session = open()
    await startScanning(session)
    session.child.kill('SIGKILL')
    await session.ended
    expect(readKsmSettings().run).toBe('1')
    const next = open()
    const quiet = { scrub: { mode: 'observe' }, ksm: { mode: 'observe' } }
    expect((await next.call('policies/start', { policy: quiet })).error).toBeUndefined()
    await expect.poll(readKsmSettings, { timeout: 60_000 }).toEqual(found)
  })
})

function roundOf({ method, params }: Answer): PolicyRound | undefined {
  return method === 'policies/round' ? policyRound.parse(params) : undefined
}
