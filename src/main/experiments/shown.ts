// An experiment as screens and the command line get it: with what follows from its phases so far.
import type {
  Experiment,
  ExperimentResult,
  ExperimentSummary,
  ShownExperiment,
} from '../../shared/contract/index.ts'
import { analyzeExperiment, judgeExperiment } from './analyze.ts'
import { progressOf } from './schedule.ts'

/** Remembers results: thousands of resamples, asked for again whenever a step of a phase shows. */
export class ShownResults {
  readonly #known = new Map<string, { readonly ended: string; readonly result: ExperimentResult }>()

  showExperiment(experiment: Experiment): ShownExperiment {
    const counts = experiment.hosts.map(
      ({ state, phases }) => `${state} ${phases.filter(({ endedAt }) => endedAt).length}`,
    )
    const ended = `${experiment.endedAt ?? 'running'} ${counts.join(' ')}`
    const known = this.#known.get(experiment.id)
    if (known?.ended === ended) return { ...experiment, result: known.result }
    const result = analyzeExperiment(experiment)
    this.#known.set(experiment.id, { ended, result })
    return { ...experiment, result }
  }

  forget(id: string): void {
    this.#known.delete(id)
  }
}

/** Pure. */
export function summarizeExperiment(experiment: Experiment): ExperimentSummary {
  const { hosts, plan, ...rest } = experiment
  const { hostIds: _, ...shownPlan } = plan
  return {
    ...rest,
    plan: shownPlan,
    hostNames: hosts.map(({ name }) => name),
    verdict: judgeExperiment(experiment),
    ...progressOf(experiment),
  }
}
