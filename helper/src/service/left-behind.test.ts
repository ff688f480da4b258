import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type FixtureHost, makeFixtureHost } from '../../../test/fakes/ksm-fixture-host.ts'
import { listAudit } from '../changes/audit.ts'
import { readHolder, withLock } from '../changes/lock.ts'
import { startKsm } from '../ksm/switch-ksm.ts'
import { restoreLeftBehind } from './left-behind.ts'

const serviceAction = 'singleton-helper.service (scrub adaptive, KSM govern)'

describe('what a service leaves that is killed', () => {
  let host: FixtureHost
  let found: ReturnType<FixtureHost['readAll']>
  let handOver: string
  beforeEach(async () => {
    host = makeFixtureHost('linux-6.18')
    handOver = join(host.context.folders.run, 'hand-over')
    found = host.readAll()
    await startKsm(host.context, {})
  })
  afterEach(() => host.remove())

  const restore = () => restoreLeftBehind(host.context, { handOver })
  /** The lock of a process that the fixture host does not have, and so has ended; `folder`: below that of locks. */
  function leaveLock(action: string, folder = ''): void {
    const { run } = host.context.folders
    const holder = { pid: 4_000_000, startTime: '7', pidNamespace: 'unknown', who: 'anna', action, since: 1 }
    mkdirSync(join(run, folder), { recursive: true, mode: 0o700 })
    writeFileSync(join(run, folder, 'lock'), JSON.stringify(holder), { mode: 0o600 })
  }
  /** As `work` runs, this process is among those of the fixture host. */
  function asOneOfTheHost<T>(work: () => Promise<T>): Promise<T> {
    const folder = join(host.context.root.proc, String(process.pid))
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'stat'), readFileSync('/proc/self/stat', 'utf8'))
    return work()
  }

  it('is put back, whether or not it is started again', async () => {
    leaveLock(serviceAction)
    expect(await restore()).toContain('what it changed is put back')
    expect(host.readAll()).toEqual(found)
    expect(listAudit(host.context.folders, 1)[0]).toMatchObject({ action: 'govern restore', outcome: 'done' })
    expect(await restore()).toBeUndefined()
  })

  it.each([
    ['it ended by itself, and somebody else wants KSM as it is', () => undefined],
    ['another helper was killed', () => leaveLock('scrub')],
  ])('is nothing where %s', async (_why, leave) => {
    const started = host.readAll()
    leave()
    expect(await restore()).toBeUndefined()
    expect(host.readAll()).toEqual(started)
  })

  it('is left to an upgrade that goes on with it, as long as that lives', async () => {
    const { folders, root } = host.context
    const started = host.readAll()
    leaveLock(serviceAction)
    writeFileSync(handOver, 'next\n', { mode: 0o600 })
    await asOneOfTheHost(() =>
      withLock(
        { ...folders, run: join(folders.run, 'installing') },
        root,
        { who: 'anna', action: 'service upgrade' },
        async () => {
          expect(await restore()).toContain('to service upgrade, which goes on with it')
        },
      ),
    )
    expect(host.readAll()).toEqual(started)
    leaveLock('service upgrade', 'installing')
    await restore()
    expect(host.readAll()).toEqual(found)
  })

  it('is nothing while a service has the lock, which has not ended', async () => {
    const { folders, root } = host.context
    await asOneOfTheHost(() =>
      withLock(folders, root, { who: 'bert', action: serviceAction }, async () => {
        expect(await restore()).toBeUndefined()
        expect(await readHolder(folders, root)).toMatchObject({ who: 'bert' })
      }),
    )
    expect(existsSync(join(folders.run, 'lock'))).toBe(false)
  })
})
