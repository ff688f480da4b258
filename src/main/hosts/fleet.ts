// All hosts the workbench knows, by id, and the acts on them.
import { setImmediate as breathe } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import {
  type ConnectionTest,
  type HostContract,
  type HostView,
  hostContract,
  type SavedHost,
  type Task,
  type TestTarget,
  type Uninstalled,
} from '../../shared/contract/index.ts'
import type { ParamsInput, Result } from '../../shared/contract/method.ts'
import { asProblem, Problem, type ProblemData, problemFromData } from '../../shared/problem.ts'
import type { CallContext } from '../../shared/rpc.ts'
import { InTurn } from '../../shared/time/in-turn.ts'
import type { AuditedChange } from '../audit/host-audit.ts'
import { testConnection } from '../connection-test/test-connection.ts'
import { FleetHost, type FleetHostParts } from './fleet-host.ts'
import { admitHost, describeAdded, describeEdit, describeRemoved, type HostToAdd } from './host-edits.ts'
import type { HostStore } from './saved-hosts.ts'
import { type UninstallParts, uninstallHelper } from './uninstall-helper.ts'

export interface FleetParts extends FleetHostParts, Pick<UninstallParts, 'uninstall'> {
  readonly store: HostStore
}

export interface AddedHosts {
  readonly added: SavedHost[]
  readonly refused: { readonly address: string; readonly problem: ProblemData }[]
}

export type HeavyMethod = Exclude<
  keyof HostContract,
  'hello' | 'sample' | 'audit/list' | 'ksm/status' | 'policies/status' | 'service/status'
>

/** Their results are marks of their own kind; a preview of them is none. */
const saysItself: ReadonlySet<HeavyMethod> = new Set(['page-cache/scrub', 'policies/start', 'policies/stop'])

/** A heavy act may take minutes, but it reports progress more often than this. */
const silentAtMostMs = 120_000

export class Fleet {
  readonly #hosts = new Map<string, FleetHost>()
  readonly #parts: FleetParts
  /** Edits of the list: each reads it, writes the file and only then shows what became of it. */
  readonly #edits = new InTurn()

  constructor(parts: FleetParts) {
    this.#parts = parts
    for (const host of parts.store.hosts) this.#watch(host)
  }

  list(): HostView[] {
    return [...this.#hosts.values()].map((host) => host.view())
  }

  saved(): SavedHost[] {
    return [...this.#hosts.values()].map(({ session }) => session.host)
  }

  has(hostId: string): boolean {
    return this.#hosts.has(hostId)
  }

  find(hostId: string): FleetHost {
    const host = this.#hosts.get(hostId)
    if (!host)
      throw new Problem('not-found', `cannot find the host ${hostId}: it is not in the list of hosts`)
    return host
  }

  startAll(): void {
    for (const host of this.#hosts.values()) host.session.start()
  }

  async addHost(host: HostToAdd): Promise<SavedHost> {
    const { added, refused } = await this.addAll([host])
    if (refused[0]) throw problemFromData(refused[0].problem)
    return added[0] as SavedHost
  }

  /** One write of the list for all; a host that cannot be added keeps no other from it. */
  addAll(hosts: readonly HostToAdd[]): Promise<AddedHosts> {
    return this.#edits.run(async () => {
      const result: AddedHosts = { added: [], refused: [] }
      for (const host of hosts) {
        try {
          result.added.push(admitHost(host, [...this.saved(), ...result.added]))
        } catch (error) {
          result.refused.push({ address: host.address, problem: asProblem(error).toData() })
        }
      }
      await this.#parts.store.change((saved) => [...saved, ...result.added])
      for (const host of result.added) this.#watch(host).changed()
      await this.#record(result.added.map(describeAdded))
      return result
    })
  }

  remove(hostId: string): Promise<void> {
    return this.#edits.run(async () => {
      const { host } = this.find(hostId).session
      await this.#parts.store.change((hosts) => hosts.filter(({ id }) => id !== hostId))
      this.#drop(hostId)
      await this.#record([describeRemoved(host)])
    })
  }

  update(hostId: string, change: Partial<Pick<SavedHost, 'name' | 'tags' | 'mode'>>): Promise<SavedHost> {
    return this.#edits.run(async () => {
      const watched = this.find(hostId)
      const before = watched.session.host
      const next: SavedHost = { ...before, ...change }
      if (next.mode !== before.mode) this.#makeWayForMode(hostId, next.mode)
      await this.#parts.store.change((hosts) => hosts.map((saved) => (saved.id === hostId ? next : saved)))
      await this.#record(describeEdit(before, next))
      // A change that began in between loses its permission as well.
      if (next.mode === 'observe' && before.mode !== 'observe') this.#makeWayForMode(hostId, next.mode)
      watched.session.update(next)
      if (next.mode !== before.mode)
        watched.noteChange(next.mode === 'observe' ? 'observe mode' : 'changes allowed')
      watched.changed()
      return next
    })
  }

  /** Waits for the outcome. Other waits for the same host share the attempt, so cancelling ends it for all. */
  async connect(hostId: string, context: CallContext): Promise<void> {
    const { session } = this.find(hostId)
    if (session.link) return
    const order = { hostId, kind: 'connect', title: `Connect to ${session.host.name}` } as const
    await this.#parts.tasks.run(order, context, async ({ signal }) => {
      const stop = () => session.disconnect()
      signal.addEventListener('abort', stop, { once: true })
      await session.connect().finally(() => signal.removeEventListener('abort', stop))
    })
  }

  /** A connection of its own; the host's session is left alone. */
  async test(id: string, target: TestTarget, signal: AbortSignal): Promise<ConnectionTest> {
    const { openLink, environment, prompts, announcer, slots, audit } = this.#parts
    const host = 'hostId' in target ? this.find(target.hostId) : undefined
    const askedFor = host?.session.host.id ?? `test ${id}`
    return await slots.run(signal, (outside) =>
      testConnection('address' in target ? target.address : (host?.session.host.address ?? ''), {
        openLink,
        environment,
        signal,
        ask: (question, asked) => outside(() => prompts.ask(askedFor, question, asked)),
        log: (level, text) => host?.log.write(level, `connection test: ${text}`),
        onInstalled: (path) =>
          audit.recordInstall(
            host?.session.host ?? { id: askedFor, name: 'address' in target ? target.address : '' },
            path,
          ),
        onSteps: (steps) => announcer.announce('test/stepped', { id, steps: [...steps] }),
      }),
    )
  }

  uninstall(hostId: string, context: CallContext): Promise<Uninstalled> {
    const host = this.find(hostId)
    const title = `Uninstall the helper from ${host.session.host.name}`
    const ask: UninstallParts['ask'] = (question, signal) => this.#parts.prompts.ask(hostId, question, signal)
    return this.#parts.tasks.run({ hostId, kind: 'uninstall', title }, context, (inner) =>
      uninstallHelper(host, { ...this.#parts, ask }, inner),
    )
  }

  disconnect(hostId: string): void {
    this.#parts.tasks.cancelAll(hostId)
    this.find(hostId).session.disconnect()
  }

  /** Runs a long method as the host's one heavy task. */
  async act<M extends HeavyMethod>(
    order: { readonly hostId: string; readonly kind: Task['kind']; readonly title: string },
    method: M,
    params: ParamsInput<HostContract, M>,
    context: CallContext,
  ): Promise<Result<HostContract, M>> {
    const host = this.find(order.hostId)
    host.session.assertReady(method)
    host.log.write('info', `${order.title}: started`)
    const note = (outcome: string) => {
      // The history of a host that was removed in the meantime is forgotten.
      if (this.#hosts.get(order.hostId) !== host) return
      if (hostContract[method].effect === 'change' && !saysItself.has(method))
        host.noteChange(`${order.title}${outcome}`)
    }
    try {
      const result = await this.#parts.tasks.run(order, context, ({ signal, reportProgress }) => {
        host.changed()
        const run = () =>
          host.session.call(method, params, { signal, onProgress: reportProgress, timeoutMs: silentAtMostMs })
        const ksm = host.view().latest?.ksm
        return this.#parts.audit.around({ host: host.session.host, method, params, ksm }, run)
      })
      note('')
      return result
    } catch (error) {
      note(': did not succeed')
      host.log.write('error', `${order.title}: ${error instanceof Error ? error.message : String(error)}`)
      throw error
    } finally {
      host.changed()
    }
  }

  /** One after the other: a hundred at once would hold the event loop for over 100 ms. */
  async close(): Promise<void> {
    for (const host of [...this.#hosts.values()]) {
      host.close()
      await breathe()
    }
  }

  /** Takes over what another process (the command line) made of the saved hosts. */
  follow(): Promise<void> {
    return this.#edits.run(async () => {
      const saved = await this.#parts.store.read()
      if (saved) this.#adopt(saved)
    })
  }

  #adopt(saved: readonly SavedHost[]): void {
    const kept = new Set(saved.map(({ id }) => id))
    for (const id of [...this.#hosts.keys()]) if (!kept.has(id)) this.#drop(id)
    for (const host of saved) {
      const watched = this.#hosts.get(host.id)
      if (watched && isDeepStrictEqual(watched.session.host, host)) continue
      if (watched && watched.session.host.address === host.address) {
        watched.session.update(host)
        watched.changed()
        continue
      }
      watched?.close()
      const added = this.#watch(host)
      added.changed()
      added.session.start()
    }
  }

  #drop(hostId: string): void {
    const host = this.find(hostId)
    this.#hosts.delete(hostId)
    this.#parts.tasks.cancelAll(hostId)
    host.close()
    this.#parts.history.forget(hostId)
    this.#parts.announcer.announce('host/removed', { hostId })
  }

  /** What is forgotten with the process is no event. */
  async #record(changes: readonly AuditedChange[]): Promise<void> {
    if (this.#parts.store.lasting && changes.length > 0) await this.#parts.audit.record(changes)
  }

  #watch(host: SavedHost): FleetHost {
    const watched = new FleetHost(host, this.#parts)
    this.#hosts.set(host.id, watched)
    return watched
  }

  /** Taking permission away stops what runs by it; granting it would break off what runs, so that waits. */
  #makeWayForMode(hostId: string, mode: SavedHost['mode']): void {
    const heavy = this.#parts.tasks.findHeavy(hostId)
    if (!heavy) return
    if (mode === 'observe') {
      this.#parts.tasks.cancel(heavy.id)
      return
    }
    throw new Problem('busy', `cannot allow changes now: ${heavy.title} is still running on this host`, {
      remedy: 'Wait for it to end, or cancel it.',
    })
  }
}
