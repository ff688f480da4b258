// One experiment through the services that screens use, from its order to its end.

import type { z } from 'zod'
import type { Workbench } from '../../../src/main/workbench.ts'
import { experimentOrder, type ShownExperiment } from '../../../src/shared/contract/index.ts'
import { describeProgress } from '../../../src/shared/text/experiment-lines.ts'
import { sleep } from '../../../src/shared/time/waiting.ts'
import { quiet } from '../../fakes/quiet.ts'

export interface ExperimentQuestion {
  readonly hostIds: string[]
  /** By name: off, adaptive, periodic:SECONDS. */
  readonly arms: readonly [string, string]
  readonly order: Omit<z.input<typeof experimentOrder>, 'hostIds' | 'arms'>
}

/** Stopped, and everything put back, when the signal is aborted. `say` is told of each phase as it ends. */
export async function runExperiment(
  { handlers }: Workbench,
  { hostIds, arms, order }: ExperimentQuestion,
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<ShownExperiment> {
  const [first, second] = [
    await handlers['experiments/arm']({ name: arms[0] }, quiet),
    await handlers['experiments/arm']({ name: arms[1] }, quiet),
  ]
  const { id } = await handlers['experiments/start'](
    experimentOrder.parse({ ...order, hostIds, arms: [first, second] }),
    quiet,
  )
  const said = new Set<string>()
  for (let isStopped = false; ; ) {
    const shown = await handlers['experiments/show']({ id }, quiet)
    for (const line of describeProgress(shown)) {
      if (!said.has(line)) say(line)
      said.add(line)
    }
    if (shown.state === 'done' || shown.state === 'stopped') return shown
    if (signal.aborted && !isStopped) {
      isStopped = true
      await handlers['experiments/stop']({ id }, quiet)
    }
    await sleep(500, signal.aborted ? quiet.signal : signal)
  }
}
