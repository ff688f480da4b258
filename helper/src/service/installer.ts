// Installs, upgrades, rolls back and removes the service of this host. Run as root.
import { randomUUID } from 'node:crypto'
import { chmodSync, existsSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { Policy } from '../../../src/shared/contract/policies.ts'
import type { ServiceStatus } from '../../../src/shared/contract/service.ts'
import { asProblem, Problem } from '../../../src/shared/problem.ts'
import { wallClock } from '../../../src/shared/time/wall-clock.ts'
import { withValue } from '../../../src/shared/with-value.ts'
import { auditChange, type ChangeContext } from '../changes/change.ts'
import { checkUnheld, withLock } from '../changes/lock.ts'
import { makePrivateFolder, removeDurably, writeDurably } from '../changes/state-folders.ts'
import { restoreFoundKsm } from '../govern/ksm-actions.ts'
import { describeModes, serviceUnit } from '../govern/policy-engine.ts'
import {
  type InstalledProgram,
  type InstallRecord,
  readRecord,
  withProgram,
  writeRecord,
} from './install-record.ts'
import type { ServicePlaces } from './places.ts'
import { ServicePolicyFile } from './policy-file.ts'
import { checkCopy, copyProgram, removeCopies, removeIfEmpty } from './program-copy.ts'
import { describeUnit } from './service-state.ts'
import type { Systemd } from './systemd.ts'
import { programOfUnit, renderUnit } from './unit-file.ts'

export interface InstallerParts {
  readonly context: ChangeContext
  readonly places: ServicePlaces
  readonly systemd: Systemd
  readonly template: string
  /** This very program. */
  readonly own: { readonly version: string; readonly buildDigest: string; readonly path: string }
  /** Ends the policy of this session, if it runs one, and leaves what it changed for the service. */
  readonly handOver?: () => Promise<void>
}

export class ServiceInstaller {
  readonly #parts: InstallerParts
  readonly #policy: ServicePolicyFile

  constructor(parts: InstallerParts) {
    this.#parts = parts
    this.#policy = new ServicePolicyFile(parts.places, parts.context.log)
  }

  async status(): Promise<ServiceStatus> {
    const { places, systemd, own } = this.#parts
    const hasPolicy = this.#policy.isThere
    const brokenPolicy = existsSync(places.brokenPolicy) ? places.brokenPolicy : undefined
    if (!systemd.isHere)
      return { state: 'unsupported', note: 'systemd does not run this host (docs/service.md)', hasPolicy }
    const unit = describeUnit(await systemd.show(serviceUnit))
    if (!existsSync(places.unit)) return { state: 'absent', hasPolicy }
    const record = readRecordIfAllowed(places.record)
    const path = programOfUnit(readFileSync(places.unit, 'utf8'))
    const program = record?.current.path === path ? record?.current : undefined
    return {
      ...unit,
      ...withValue({ program, previous: record?.previous }),
      ...(program && { isThisBuild: program.buildDigest === own.buildDigest }),
      hasPolicy,
      ...withValue({ brokenPolicy }),
    }
  }

  /**
   * The first one, or an upgrade. What this session's policy has merged stays merged. Throws `other-policy` where the
   * host has another policy file that is not to be replaced.
   */
  install(policy: Policy | undefined, replace = false): Promise<ServiceStatus> {
    return this.#change('service install', async () => {
      const { handOver, places, context } = this.#parts
      if (policy !== undefined && !replace) this.#refuseOther(policy)
      const own = this.#copyOwn()
      const origin = { ...context.actor, at: wallClock() }
      const putFileBack = policy === undefined ? undefined : this.#policy.save(policy, origin)
      try {
        makePrivateFolder(places.policyFolder)
        await this.#replace(own, handOver)
      } catch (error) {
        putFileBack?.()
        throw error
      }
    })
  }

  upgrade(): Promise<ServiceStatus> {
    return this.#change('service upgrade', async () => {
      this.#requireInstalled('upgrade')
      await this.#replace(this.#copyOwn())
    })
  }

  rollback(): Promise<ServiceStatus> {
    return this.#change('service rollback', async () => {
      this.#requireInstalled('roll back')
      const previous = readRecord(this.#parts.places.record)?.previous
      if (previous === undefined || !existsSync(previous.path))
        throw new Problem('not-found', 'cannot roll the service back: no build before this one is kept')
      checkCopy(previous.path, this.#parts.places.programFolders)
      await this.#replace(previous)
    })
  }

  /**
   * The service puts everything back as it stops; where it was dead, it is done here. Throws `busy`, and leaves the
   * service as it was, while another helper changes this host.
   */
  remove(): Promise<ServiceStatus> {
    return this.#change('service remove', async () => {
      const { places, systemd, context } = this.#parts
      const isInstalled = existsSync(places.unit)
      const { pid } = await systemd.show(serviceUnit)
      await checkUnheld(context.folders, context.root, pid)
      rmSync(places.handOver, { force: true })
      if (isInstalled) await systemd.run('stop', serviceUnit)
      await this.#restoreLeft().catch((error: unknown) => this.#startAgain(error, pid))
      const refused = isInstalled ? await this.#removeUnit() : []
      this.#policy.remove()
      removeIfEmpty(places.policyFolder)
      removeCopies(places.programFolders, [])
      for (const path of [places.record, places.socket, places.handOver]) rmSync(path, { force: true })
      if (refused.length > 0) throw unfinishedRemoval(refused)
      context.log('the service is removed; its audit stays')
    })
  }

  /** What systemd refuses, as on a full /run, must not keep what would start it again. Returns what it refused. */
  async #removeUnit(): Promise<string[]> {
    const { places, systemd } = this.#parts
    const refused: string[] = []
    const note = (error: unknown) => void refused.push(asProblem(error).message)
    await systemd.run('disable', '--now', serviceUnit).catch(note)
    removeDurably(places.unit)
    await systemd.run('daemon-reload').catch(note)
    // Fails where nothing has failed.
    await systemd.run('reset-failed', serviceUnit).catch(() => undefined)
    return refused
  }

  /** Another helper was quicker to the lock than the removal: the service that ran waits for it, as before. */
  async #startAgain(error: unknown, pid: number | undefined): Promise<never> {
    if (pid !== undefined && asProblem(error).code === 'busy')
      await this.#parts.systemd.run('start', serviceUnit)
    throw error
  }

  #refuseOther(policy: Policy): void {
    const { policy: found, origin, trouble } = this.#policy.read()
    if (found === undefined || trouble !== undefined || isDeepStrictEqual(found, policy)) return
    throw new Problem(
      'other-policy',
      `cannot install the service with this policy: the host has "${describeModes(found)}", ${this.#policy.describeSet(origin)}`,
      {
        remedy:
          'Replace it, on the command line by "service install HOST --policy FILE --replace", or install without a policy.',
      },
    )
  }

  async #restoreLeft(): Promise<void> {
    const { context } = this.#parts
    const purpose = { who: context.actor.who, action: 'service remove', undoes: true }
    await withLock(context.folders, context.root, purpose, () => restoreFoundKsm(context))
  }

  #copyOwn(): InstalledProgram {
    const { own, places } = this.#parts
    if (own.buildDigest === 'development')
      throw new Problem('not-supported', 'cannot install the service: this helper runs from source', {
        remedy: 'Build it first: npm run build:helper.',
      })
    return { ...own, path: copyProgram(own.path, places.programFolders) }
  }

  #requireInstalled(doing: string): void {
    if (existsSync(this.#parts.places.unit)) return
    throw new Problem('not-found', `cannot ${doing} the service: it is not installed on this host`)
  }

  /** Lets the unit run `next`. Where that does not come up, the unit before is put back and runs again. */
  async #replace(next: InstalledProgram, handOver?: () => Promise<void>): Promise<void> {
    const { places, systemd, template } = this.#parts
    const unitBefore = existsSync(places.unit) ? readFileSync(places.unit, 'utf8') : undefined
    const recordBefore = readRecord(places.record)
    const text = renderUnit(template, next.path)
    makePrivateFolder(dirname(places.handOver))
    // No two marks are alike: a service that is just starting takes away its own only.
    writeDurably(places.handOver, `${next.buildDigest} ${randomUUID()}\n`)
    try {
      writeUnit(places.unit, text)
      await systemd.run('daemon-reload')
      await systemd.run('enable', serviceUnit)
      await handOver?.()
      await systemd.run('restart', serviceUnit)
      const record = withProgram(recordBefore, next)
      writeRecord(places.record, record)
      removeCopies(places.programFolders, programsOf(record))
    } catch (error) {
      const problem = await this.#takeBack(unitBefore, error)
      removeCopies(places.programFolders, recordBefore === undefined ? [] : programsOf(recordBefore))
      throw problem
    }
  }

  async #takeBack(unitBefore: string | undefined, error: unknown): Promise<Problem> {
    const { places, systemd } = this.#parts
    const problem = asProblem(error)
    const said = await this.#lastWords()
    try {
      if (unitBefore === undefined) {
        await systemd.run('disable', '--now', serviceUnit)
        removeDurably(places.unit)
        await systemd.run('daemon-reload')
        rmSync(places.handOver, { force: true })
        await this.#restoreLeft()
      } else {
        writeUnit(places.unit, unitBefore)
        await systemd.run('daemon-reload')
        await systemd.run('restart', serviceUnit)
      }
    } catch (second) {
      return new Problem(
        'system',
        `${problem.message}; the service before does not run either: ${asProblem(second).message}${said}`.slice(
          0,
          4000,
        ),
        { cause: error },
      )
    }
    const now = unitBefore === undefined ? 'nothing is installed' : 'the build before runs again'
    return new Problem(problem.code, `${problem.message}; ${now}${said}`.slice(0, 4000), { cause: error })
  }

  async #lastWords(): Promise<string> {
    const { result, status } = await this.#parts.systemd.show(serviceUnit)
    return `. The unit ended with ${result}${status === undefined ? '' : ` (${status})`}: see journalctl -u ${serviceUnit}`
  }

  /** One at a time, by a lock of its own: that of the host is held by the service itself. */
  async #change(action: string, work: () => Promise<void>): Promise<ServiceStatus> {
    const { context, systemd, own } = this.#parts
    if (process.getuid?.() !== 0)
      throw new Problem('not-permitted', `cannot run ${action}: it needs root`, {
        remedy: 'Connect as root, or as a user that may use sudo.',
      })
    if (!systemd.isHere)
      throw new Problem('not-supported', `cannot run ${action}: systemd does not run this host`)
    const lock = { ...context.folders, run: join(context.folders.run, 'installing') }
    const undoes = action === 'service remove'
    makePrivateFolder(context.folders.run)
    try {
      await withLock(lock, context.root, { who: context.actor.who, action, undoes }, () =>
        auditChange(context, { action, target: own.buildDigest, undoes }, work),
      )
    } finally {
      removeIfEmpty(lock.run)
      if (undoes) removeIfEmpty(context.folders.run)
    }
    return this.status()
  }
}

function programsOf({ current, previous }: InstallRecord): string[] {
  return [current.path, ...(previous === undefined ? [] : [previous.path])]
}

function unfinishedRemoval(refused: readonly string[]): Problem {
  return new Problem(
    'system',
    `cannot finish the removal: everything is put back and the unit is gone, but ${refused.join('; ')}`.slice(
      0,
      4000,
    ),
    { remedy: `Run "systemctl disable ${serviceUnit}" and "systemctl daemon-reload" once that is mended.` },
  )
}

/** systemd reads units as root, others may look at them. */
function writeUnit(path: string, text: string): void {
  writeDurably(path, text)
  chmodSync(path, 0o644)
}

/** For other users than root the record is out of reach; the unit still tells how it stands. */
function readRecordIfAllowed(path: string): ReturnType<typeof readRecord> {
  try {
    return readRecord(path)
  } catch (error) {
    if (asProblem(error).code === 'not-permitted') return undefined
    throw error
  }
}
