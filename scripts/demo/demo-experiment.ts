// The proof at the end of the demo: a reader beside a stream on one host, with the kernel alone and with adaptive in turn.
import { experimentOrder, type ShownExperiment } from '../../src/shared/contract/index.ts'
import { describeExperiment } from '../../src/shared/text/experiment-lines.ts'
import { sleep } from '../../src/shared/waiting.ts'
import type { LabOptions } from '../../test/beds/lab/lab.ts'
import {
  narrowCache,
  startReaderBesideStream,
  wideBytes,
  wideIops,
  widenCache,
} from '../../test/beds/lab/reader-beside-stream.ts'
import type { DemoStage } from './demo-stages.ts'

const loadSeconds = 240
const fillSeconds = 6
/** Void phases are repeated; the demo does not wait for all of them. */
const endsWithinMs = 150_000

const question = {
  metric: 'hit-ratio' as const,
  pairs: 6,
  phaseSeconds: 3,
  warmUpSeconds: 3,
  title: 'Reader beside a stream',
}

/** The demo's hosts: the guests of the first can run fio, and their memory can be limited. */
export const demoLab: LabOptions = {
  hosts: [
    { memoryLimitBytes: wideBytes, readIops: wideIops, guests: [{ fio: true }, { fio: true }] },
    { guests: 2 },
  ],
}

/** undefined: it could not be run, and the clock has said why. Whatever comes of it, the limit is lifted again. */
export async function proveAdaptive(stage: DemoStage): Promise<ShownExperiment | undefined> {
  const { hosts, clock } = stage
  const [host] = hosts
  if (host === undefined) return undefined
  try {
    narrowCache(host.lab)
    startReaderBesideStream(host.lab, loadSeconds)
    return await measure(stage, host.id)
  } catch (error) {
    clock.say(`the experiment could not be run: ${error instanceof Error ? error.message : error}`)
    return undefined
  } finally {
    widenCache(host.lab)
  }
}

/** The whole result as the command line shows it. */
export function renderProof(shown: ShownExperiment): string {
  return describeExperiment(shown)
}

async function measure({ workbench, clock, signal }: DemoStage, hostId: string): Promise<ShownExperiment> {
  const { handlers } = workbench
  const context = { signal, reportProgress: () => undefined }
  await sleep(fillSeconds * 1000, signal)
  const off = await handlers['experiments/arm']({ name: 'off' }, context)
  const adaptive = await handlers['experiments/arm']({ name: 'adaptive' }, context)
  const order = experimentOrder.parse({ ...question, hostIds: [hostId], arms: [off, adaptive] })
  const { plan, durationSeconds } = await handlers['experiments/plan'](order, context)
  clock.say(
    `proof: the kernel alone and adaptive in turn, ${plan.pairs} pairs of phases, about ${Math.round(durationSeconds)} s, seed ${plan.seed}`,
  )
  const { id } = await handlers['experiments/start'](plan, context)
  const deadline = performance.now() + endsWithinMs
  let told = 0
  let isStopped = false
  for (;;) {
    const shown = await handlers['experiments/show']({ id }, context)
    const ended = shown.hosts[0]?.phases.filter(({ endedAt }) => endedAt).length ?? 0
    if (ended >= told + 4) {
      clock.say(`proof: ${ended} phases measured`)
      told = ended
    }
    if (shown.state === 'done' || shown.state === 'stopped') return shown
    await sleep(1000, isStopped ? new AbortController().signal : signal)
    if (isStopped || !(signal.aborted || performance.now() > deadline)) continue
    isStopped = true
    await handlers['experiments/stop']({ id }, context)
  }
}
