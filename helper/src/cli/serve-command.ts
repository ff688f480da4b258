// The command `serve`: speaks the host contract on stdin and stdout for one workbench.
import { parseArgs } from 'node:util'
import { type Hello, hostProtocol } from '../../../src/shared/contract/host-contract.ts'
import type { PolicyRound } from '../../../src/shared/contract/policy-runs.ts'
import { asProblem, Problem } from '../../../src/shared/problem.ts'
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
import { probeCapabilities } from '../probe/capabilities.ts'
import { readHostFacts } from '../probe/host-facts.ts'
import { hostHandlers, type Scans } from '../serve/handlers.ts'
import { boundedLog } from '../serve/log.ts'
import { type NotifyWorkbench, serveSession } from '../serve/session.ts'
import { servicePlaces } from '../service/places.ts'
import { RoutedPolicies } from '../service/routed-policies.ts'
import { buildDigest, version } from './build-facts.ts'
import { commandContext } from './command-context.ts'
import type { CommandIo } from './command-io.ts'
import { liveInstaller } from './live-installer.ts'

/** Reading the links of descriptors costs more than listing their numbers. */
const samplesOnTrust = 4

/** With `--session`, KSM settings changed in this session are put back at its end. */
export async function runServe(args: string[], io: CommandIo): Promise<number> {
  const { readOnly, session } = parseServeArgs(args)
  const log = boundedLog((text) => io.err(text))
  const context = await commandContext(log)
  const ksmChanges: Promise<unknown>[] = []
  const burstTools = liveBurstTools(context)
  const bursts = new BurstKeeper(context, burstTools)
  if (!readOnly) bursts.watch()
  const roster = new ImageRoster(liveKernel, samplesOnTrust)
  const listImages: SamplerOptions['listImages'] = (_, guests, anew) => roster.listImages(guests, anew)
  let notify: NotifyWorkbench | undefined
  const onRound = (round: PolicyRound) => notify?.('policies/round', round)
  const engine = new PolicyEngine({ context, mode: 'session', onRound, say: log })
  const places = servicePlaces(context.folders, process.env)
  const policies = new RoutedPolicies({ engine, context, socket: places.socket, buildDigest, onRound })
  const handlers = hostHandlers({
    policies,
    service: liveInstaller(context, () => engine.end({ keeps: true })),
    context,
    maps: new MapKeeper(),
    scans: liveScans(readOnly, log),
    sampler: new Sampler({ ...context, counter: residencyCounter(), listImages }),
    burstTools,
    onKsmChange: (change) => ksmChanges.push(change),
    onBurst: () => bursts.watch(),
  })
  const { stdin: input, stdout: output } = process
  const onOpen = (tell: NotifyWorkbench) => {
    notify = tell
  }
  const code = await serveSession({
    input,
    output,
    buildDigest,
    handlers,
    readOnly,
    log,
    onOpen,
    signal: io.signal,
  })
  policies.close()
  await engine.end()
  await bursts.end()
  if (session) await restoreAtEnd(context, ksmChanges)
  // Without it, a peer that neither reads nor ends its side keeps this process: streams that wait do not let go.
  process.exit(code)
}

function liveScans(readOnly: boolean, log: (line: string) => void): Scans {
  // Scans take turns, so that one memory serves them all.
  const remembered = { mergedFrames: new MergedFrames(), knownContents: new KnownContents() }
  return {
    hello: () => readHello(readOnly),
    assess: (options) => assess({ ...options, log }, remembered),
    scrub: (params, options) => scrub(params, { ...options, log }, remembered),
    sampleContents: (params, options) => sampleContents(params, { ...options, log }),
    readCapacity: (signal) => readCapacity(liveKernel, signal),
  }
}

function parseServeArgs(args: string[]): { readOnly: boolean; session: boolean } {
  const options = { 'read-only': { type: 'boolean' }, session: { type: 'boolean' } } as const
  try {
    const { values } = parseArgs({ args, options })
    return { readOnly: values['read-only'] ?? false, session: values.session ?? false }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new Problem('bad-input', `cannot run serve: ${reason}`, { cause: error })
  }
}

async function readHello(readOnly: boolean): Promise<Hello> {
  const { capabilities, limits } = await probeCapabilities(liveKernel)
  const host = await readHostFacts(liveKernel)
  const uid = process.getuid?.() ?? 0
  return { protocol: hostProtocol, version, buildDigest, host, uid, readOnly, capabilities, limits }
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
