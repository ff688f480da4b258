// Everything that answers in a session of the compiled helper but its hello: loaded when that has been said.
import type { HostContract } from '../../../src/shared/contract/host-contract.ts'
import type { PolicyRound } from '../../../src/shared/contract/policy-runs.ts'
import { asProblem } from '../../../src/shared/problem.ts'
import type { Handlers } from '../../../src/shared/rpc.ts'
import { assess } from '../assess.ts'
import { readCapacity } from '../capacity/read-capacity.ts'
import type { ChangeContext } from '../changes/change.ts'
import { sampleContents } from '../forecast/sample-contents.ts'
import { PolicyEngine } from '../govern/policy-engine.ts'
import { Sampler, type SamplerOptions } from '../history/sample.ts'
import { MergedFrames } from '../identical-pages/scan/merged-frames.ts'
import { ImageRoster } from '../images/list-images.ts'
import { liveKernel } from '../kernel/kernel-root.ts'
import { BurstKeeper } from '../ksm/burst-keeper.ts'
import { liveBurstTools } from '../ksm/live-burst-tools.ts'
import { restoreKsm } from '../ksm/restore-ksm.ts'
import { MapKeeper } from '../memory-map/map-keeper.ts'
import { KnownContents } from '../page-cache/known-contents.ts'
import { residencyCounter } from '../page-cache/residency-counter.ts'
import { scrub } from '../page-cache/scrub.ts'
import { followSwitches, hostHandlers, type Scans } from '../serve/handlers.ts'
import { servicePlaces } from '../service/places.ts'
import { RoutedPolicies } from '../service/routed-policies.ts'
import { buildDigest } from './build-facts.ts'
import { liveInstaller } from './live-installer.ts'

/** Reading the links of descriptors costs more than listing their numbers. */
const samplesOnTrust = 4

export interface LiveParts {
  readonly context: ChangeContext
  readonly hello: Scans['hello']
  readonly readOnly: boolean
  /** KSM settings changed in this session are put back at its end. */
  readonly session: boolean
  readonly onRound: (round: PolicyRound) => void
}

export interface LiveHandlers {
  readonly handlers: Handlers<HostContract>
  /** Ends what runs, and puts back what is to be put back. */
  end(): Promise<void>
}

/** Begins to watch a burst that an earlier session has left, unless `readOnly`. */
export function liveHandlers({ context, hello, readOnly, session, ...parts }: LiveParts): LiveHandlers {
  const { log } = context
  const ksmChanges: Promise<unknown>[] = []
  const burstTools = liveBurstTools(context)
  const bursts = new BurstKeeper(context, burstTools)
  if (!readOnly) bursts.watch()
  const roster = new ImageRoster(liveKernel, samplesOnTrust)
  const listImages: SamplerOptions['listImages'] = (_, guests, anew) => roster.listImages(guests, anew)
  const sampler = new Sampler({ ...context, counter: residencyCounter(), listImages })
  const noteSwitches = followSwitches(sampler)
  const onRound = (round: PolicyRound) => {
    noteSwitches(round)
    parts.onRound(round)
  }
  // It says when a window opens or closes, which puts back how guests were found.
  const say = (line: string) => {
    sampler.forgetMerging()
    log(line)
  }
  const engine = new PolicyEngine({ context, mode: 'session', onRound, say })
  const places = servicePlaces(context.folders, process.env)
  const policies = new RoutedPolicies({ engine, context, socket: places.socket, buildDigest, onRound })
  const handlers = hostHandlers({
    policies,
    service: liveInstaller(context, () => engine.end({ keeps: true })),
    context,
    maps: new MapKeeper(),
    scans: { hello, ...liveScans(log) },
    sampler,
    burstTools,
    onKsmChange: (change) => ksmChanges.push(change),
    onBurst: () => bursts.watch(),
  })
  const end = async () => {
    policies.close()
    await engine.end()
    await bursts.end()
    if (session) await restoreAtEnd(context, ksmChanges)
  }
  return { handlers, end }
}

function liveScans(log: (line: string) => void): Omit<Scans, 'hello'> {
  // Scans take turns, so that one memory serves them all.
  const remembered = { mergedFrames: new MergedFrames(), knownContents: new KnownContents() }
  return {
    assess: (options) => assess({ ...options, log }, remembered),
    scrub: (params, options) => scrub(params, { ...options, log }, remembered),
    sampleContents: (params, options) => sampleContents(params, { ...options, log }),
    readCapacity: (signal) => readCapacity(liveKernel, signal),
  }
}

/** One that has just begun is waited for: it would change KSM after the settings were put back. */
async function restoreAtEnd(context: ChangeContext, changes: readonly Promise<unknown>[]): Promise<void> {
  const ended = await Promise.allSettled(changes)
  if (ended.every(({ status }) => status === 'rejected')) return
  try {
    await restoreKsm(context)
  } catch (error) {
    // The journal stays: the next `ksm restore` puts the settings back.
    context.log(`cannot restore KSM at the end of the session: ${asProblem(error).message}`)
  }
}
