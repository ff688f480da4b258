// A fleet whose hosts run policies only in name: each can be told to refuse, and says what it runs.
import { isDeepStrictEqual } from 'node:util'
import { Announcer } from '../../src/main/announcer.ts'
import { openAuditTrail } from '../../src/main/audit/audit-trail.ts'
import { HostAudit } from '../../src/main/audit/host-audit.ts'
import { keepNoHistory } from '../../src/main/history/no-history.ts'
import { ConnectingSlots } from '../../src/main/hosts/connecting-slots.ts'
import { Fleet } from '../../src/main/hosts/fleet.ts'
import { PromptBoard } from '../../src/main/hosts/prompt-board.ts'
import { openHostsFile } from '../../src/main/hosts/saved-hosts.ts'
import { TaskBoard } from '../../src/main/hosts/task-board.ts'
import {
  type Policy,
  type PolicyStatus,
  policyStartParams,
  type Sample,
} from '../../src/shared/contract/index.ts'
import { Problem } from '../../src/shared/problem.ts'
import { withValue } from '../../src/shared/with-value.ts'
import { FakeLink } from './fake-link.ts'
import { fakeRound } from './fake-round.ts'
import { fakeSample } from './fake-sample.ts'

export interface PolicyHost {
  readonly link: FakeLink
  running: boolean
  /**
   * Absent: it runs policies in session mode. What its service runs, undefined: it waits for one; `waits`: it does not run
   * what it has, as another helper changes the host.
   */
  service?: { policy: Policy | undefined; waits?: boolean }
  refusal?: Problem
  /** Why its policy ended by itself. */
  ended?: string
  /** Thrown once, after the host has done what it was asked for: its answer is lost. */
  lostAnswer?: Problem
  /** Another process of this host that changes it. */
  heldBy?: PolicyStatus['heldBy']
  /** Outside the windows of its policy's schedule. */
  rests?: boolean
  /** It tells no round, as where nothing can be measured. */
  silent?: boolean
  /** When it answers that it is assessed. */
  assessed?: Promise<unknown>
  /** When it can be connected again. */
  opens?: Promise<unknown>
  /** What its samples say besides. */
  sampled?: () => Partial<Sample>
  /** What happens on the host when it was started, and when it is asked. */
  onStart?: () => Promise<unknown>
  onStatus?: () => void
  /** Of the run that it is in; each answer tells another round. */
  sequence: number
}

export interface PolicyHosts {
  readonly fleet: Fleet
  readonly announcer: Announcer
  /** By address, as it was connected last. */
  readonly hosts: ReadonlyMap<string, PolicyHost>
}

/** As a workbench is opened: every host connects anew, and only services still run. The hosts are saved in `folder`. */
export async function openPolicyHosts(
  folder: string,
  policy: Policy,
  before: PolicyHosts['hosts'] = new Map(),
): Promise<PolicyHosts> {
  const hosts = new Map(before)
  const announcer = new Announcer()
  const fleet = new Fleet({
    uninstall: async () => ({ removed: [], kept: [], unreached: [], running: [] }),
    openLink: async (options) => {
      await hosts.get(options.address)?.opens
      const host: PolicyHost = {
        running: false,
        sequence: 0,
        link: new FakeLink(
          options,
          answersOf(() => host, policy),
        ),
      }
      // A service outlives its connection, and so does whoever else holds the host.
      const { service, heldBy } = hosts.get(options.address) ?? {}
      Object.assign(host, withValue({ service, heldBy }))
      hosts.set(options.address, host)
      return host.link
    },
    environment: { home: folder, helperDirectory: folder },
    slots: new ConnectingSlots(8),
    announcer,
    prompts: new PromptBoard(announcer.announce),
    tasks: new TaskBoard(announcer.announce),
    history: keepNoHistory(),
    audit: new HostAudit(openAuditTrail(folder), announcer.announce, 'test'),
    store: await openHostsFile(folder, (problem) => {
      throw problem
    }),
  })
  return { fleet, announcer, hosts }
}

/** Of the round that the host tells next. */
export function nextSequence(host: PolicyHost): number {
  host.sequence += 1
  return host.sequence
}

function answersOf(host: () => PolicyHost, policy: Policy) {
  const run = (mode: 'session' | 'service', running: Policy): PolicyStatus => {
    const rounds = host().silent ? [] : [fakeRound({ sequence: nextSequence(host()) })]
    const resting = host().rests ? { timeZone: 'UTC' } : undefined
    const told = { id: 'run', policy: running, mode, since: 1, who: 'root', from: 'test', rounds }
    return { run: { ...told, ...withValue({ resting }) } }
  }
  const status = (): PolicyStatus => {
    const { service, running, onStatus, ended, heldBy } = host()
    onStatus?.()
    if (service !== undefined)
      return service.policy === undefined || service.waits ? {} : run('service', service.policy)
    return running ? run('session', policy) : withValue({ ended, heldBy })
  }
  const set = (started: Policy | undefined): PolicyStatus => {
    const { service } = host()
    if (service === undefined) host().running = started !== undefined
    else service.policy = started
    return status()
  }
  return {
    'policies/start': async (params: unknown) => {
      const { refusal } = host()
      if (refusal) throw refusal
      const { lostAnswer } = host()
      delete host().lostAnswer
      const { policy: wanted, replace = false } = policyStartParams.parse(params)
      const has = host().service?.policy
      if (has !== undefined && !replace && !isDeepStrictEqual(has, wanted))
        throw new Problem('other-policy', 'cannot start the policy: the service has another one')
      const status = set(wanted)
      await host().onStart?.()
      if (lostAnswer) throw lostAnswer
      return status
    },
    'policies/stop': () => set(undefined),
    'policies/status': status,
    assess: () => host().assessed,
    sample: () => fakeSample({ monotonicSeconds: performance.now() / 1000, ...host().sampled?.() }),
  }
}
