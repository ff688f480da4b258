// Answers to the methods of the host contract, put together from the parts of the helper.
import type { Assessment } from '../../../src/shared/contract/assessment.ts'
import type { CapacityReading } from '../../../src/shared/contract/capacity-reading.ts'
import type { ContentSampling, SampledContents } from '../../../src/shared/contract/content-sample.ts'
import type { Hello, HostContract } from '../../../src/shared/contract/host-contract.ts'
import type { ScrubParams, ScrubResult } from '../../../src/shared/contract/page-cache.ts'
import type { Policy } from '../../../src/shared/contract/policies.ts'
import type { PolicyRound, PolicyStatus } from '../../../src/shared/contract/policy-runs.ts'
import type { ServiceStatus } from '../../../src/shared/contract/service.ts'
import type { CallContext, Handlers } from '../../../src/shared/rpc.ts'
import { listAudit } from '../changes/audit.ts'
import type { ChangeContext } from '../changes/change.ts'
import type { PolicyEngine } from '../govern/policy-engine.ts'
import type { Sampler } from '../history/sample.ts'
import type { BurstTools } from '../ksm/burst-tools.ts'
import { restoreKsm } from '../ksm/restore-ksm.ts'
import { readKsmStatus } from '../ksm/status.ts'
import { startKsm, stopKsm } from '../ksm/switch-ksm.ts'
import { unmergeKsm } from '../ksm/unmerge-ksm.ts'
import type { MapKeeper } from '../memory-map/map-keeper.ts'
import { mergeGuest } from '../monitors/merge-guest.ts'
import type { ScanOptions } from '../pacing/scan-options.ts'
import { scrubAudited } from './scrub-audited.ts'
import { Turns } from './turns.ts'
import { withinBounds } from './within-bounds.ts'

/** What only the compiled helper has: scans that need libc. */
export interface Scans {
  hello(): Promise<Hello>
  assess(options: ScanOptions): Promise<Assessment>
  scrub(params: ScrubParams, options: ScanOptions & { dryRun: boolean }): Promise<ScrubResult>
  sampleContents(params: ContentSampling, options: ScanOptions): Promise<SampledContents>
  readCapacity(signal: AbortSignal): Promise<CapacityReading>
}

/** What can be done with the resident service; each answers with its state afterwards. */
export interface ServiceActs {
  status(): Promise<ServiceStatus>
  /** `policy` undefined: the one of the host. `replace`: another policy file of the host gives way. */
  install(policy: Policy | undefined, replace?: boolean): Promise<ServiceStatus>
  upgrade(): Promise<ServiceStatus>
  rollback(): Promise<ServiceStatus>
  remove(): Promise<ServiceStatus>
}

export interface PolicyActs extends Pick<PolicyEngine, 'preview' | 'stop' | 'status'> {
  /** `replace`: another policy that the host's service was given gives way. */
  start(policy: Policy, replace?: boolean): Promise<PolicyStatus>
}

interface HandlerParts {
  readonly context: ChangeContext
  readonly scans: Scans
  readonly sampler: Pick<Sampler, 'takeSample' | 'forgetMerging'>
  readonly policies: PolicyActs
  readonly service: ServiceActs
  readonly maps: Pick<MapKeeper, 'takeMap' | 'view' | 'describePage'>
  /** What `ksm/start` measures with. */
  readonly burstTools: BurstTools
  /** Told of each change of KSM when it begins, for the session that restores at its end. */
  readonly onKsmChange: (change: Promise<unknown>) => void
  /** Called when a burst has begun, for the session that watches it to its end. */
  readonly onBurst: () => void
}

/**
 * Answers to every method of the host contract. Long ones take turns; what a session changes goes through
 * `changeHost`.
 */
export function hostHandlers(parts: HandlerParts): Handlers<HostContract> {
  const turns = new Turns()
  return {
    ...scanHandlers(parts, turns),
    ...lookingHandlers(parts, turns),
    ...ksmHandlers(parts, turns),
    ...policyHandlers(parts, turns),
    ...serviceHandlers(parts, turns),
    'audit/list': async ({ limit }) => listAudit(parts.context.folders, limit),
  }
}

type SomeHandlers = Partial<Handlers<HostContract>>

/** One is taken every two seconds, and the workbench takes 4 MiB a second from a helper in the long run. */
const maxSampleBytes = 3 * 2 ** 20

function scanHandlers({ context, scans, sampler }: HandlerParts, turns: Turns) {
  const scanOptions = scanOptionsOf(context)
  return {
    hello: () => scans.hello(),
    sample: async ({ askMonitors }) => withinBounds(await sampler.takeSample(askMonitors), maxSampleBytes),
    assess: async (_, call) =>
      withinBounds(await turns.runInTurn(call, () => scans.assess(scanOptions(call)))),
    'page-cache/plan': async (params, call) =>
      withinBounds(
        await turns.runInTurn(call, () => scans.scrub(params, { ...scanOptions(call), dryRun: true })),
      ),
    'page-cache/scrub': async (params, call) =>
      withinBounds(
        await turns.runInTurn(call, () =>
          scrubAudited(context, params, () => scans.scrub(params, { ...scanOptions(call), dryRun: false })),
        ),
      ),
  } satisfies SomeHandlers
}

function ksmHandlers(
  { context, sampler, burstTools: tools, onBurst, onKsmChange }: HandlerParts,
  turns: Turns,
) {
  const changeKsm = <T>(begun: Promise<T>) => {
    onKsmChange(begun)
    return begun
  }
  return {
    'ksm/status': () => readKsmStatus(context),
    'ksm/start': (params, call) =>
      turns.runInTurn(call, async () => {
        const { signal, reportProgress } = call
        const options = { tools, signal: signal as AbortSignal, reportProgress }
        const started = await changeKsm(startKsm(context, params, options))
        if (started.burst?.state === 'running') onBurst()
        return started
      }),
    'ksm/stop': () => changeKsm(stopKsm(context)),
    'ksm/unmerge': (_, call) =>
      turns.runInTurn(call, () =>
        changeKsm(unmergeKsm(context, { ...call, signal: call.signal as AbortSignal })),
      ),
    'ksm/merge': (params, call) =>
      turns.runInTurn(call, () =>
        changeKsm(mergeGuest(context, params)).finally(() => sampler.forgetMerging()),
      ),
    'ksm/restore': () => restoreKsm(context).finally(() => sampler.forgetMerging()),
  } satisfies SomeHandlers
}

/** To be told of each round: a sample that follows one tells how the policy has switched guests in it. */
export function followSwitches(sampler: Pick<Sampler, 'forgetMerging'>): (round: PolicyRound) => void {
  return ({ ksm }) => {
    if (ksm?.switchedGuests !== undefined) sampler.forgetMerging()
  }
}

/** A policy that begins or ends puts back how guests were found. */
function policyHandlers({ policies, sampler }: HandlerParts, turns: Turns) {
  return {
    'policies/preview': ({ policy, rounds }, call) =>
      turns.runInTurn(call, () => policies.preview(policy, rounds, call.signal as AbortSignal)),
    'policies/start': ({ policy, replace }) =>
      policies.start(policy, replace).finally(() => sampler.forgetMerging()),
    'policies/stop': () => policies.stop().finally(() => sampler.forgetMerging()),
    'policies/status': () => policies.status(),
  } satisfies SomeHandlers
}

function serviceHandlers({ service }: HandlerParts, turns: Turns) {
  return {
    'service/status': () => service.status(),
    'service/install': ({ policy, replace }, call) =>
      turns.runInTurn(call, () => service.install(policy, replace)),
    'service/upgrade': (_, call) => turns.runInTurn(call, () => service.upgrade()),
    'service/rollback': (_, call) => turns.runInTurn(call, () => service.rollback()),
    'service/remove': (_, call) => turns.runInTurn(call, () => service.remove()),
  } satisfies SomeHandlers
}

function scanOptionsOf({ root }: ChangeContext): (call: CallContext) => ScanOptions {
  return ({ signal, reportProgress }) => ({ root, signal: signal as AbortSignal, reportProgress })
}

/** Scans that only look, and are no assessment. */
function lookingHandlers({ context, scans, maps }: HandlerParts, turns: Turns) {
  const scanOptions = scanOptionsOf(context)
  return {
    'capacity/read': async (_, { signal }) => withinBounds(await scans.readCapacity(signal as AbortSignal)),
    'forecast/sample': (params, call) =>
      turns.runInTurn(call, async () => withinBounds(await scans.sampleContents(params, scanOptions(call)))),
    'map/take': ({ contents = true }, call) =>
      turns.runInTurn(call, async () => withinBounds(await maps.takeMap(scanOptions(call), contents))),
    'map/view': async (view) => maps.view(view),
    'map/page': async (query) => maps.describePage(query),
  } satisfies SomeHandlers
}
