// Phases in which other programs of the host took more CPU than usual say nothing of their arm. Pure.
import type { ExperimentHost, ExperimentPhase } from '../../shared/contract/index.ts'
import { medianOf } from '../../shared/statistics/median.ts'
import { voidPhase } from './experiment-record.ts'
import type { ArmIndex } from './schedule.ts'

/** Of one core, beyond what is usual: guests under load lose that much to others before their reads show it. */
const spareCpuRatio = 0.2
/** Of median absolute deviations: what a host does now and then is usual there. */
const spareDeviations = 4
/** Fewer do not tell what is usual. */
const fewestPhases = 3

/**
 * Voids the valid phases under load that is unusual for their arm; the same host where there is none. What is usual is known
 * late, so it may be one of the first. A policy may keep the kernel busy, so each arm has a usual of its own.
 */
export function voidLoadedPhases(host: ExperimentHost): ExperimentHost {
  const usual = [usualLoad(host, 0), usualLoad(host, 1)] as const
  const phases = host.phases.map((phase) => voidIfLoaded(phase, usual[phase.arm]))
  return phases.every((phase, index) => phase === host.phases[index]) ? host : { ...host, phases }
}

interface UsualLoad {
  /** Of one core: the median. */
  readonly cpuRatio: number
  /** More is unusual. */
  readonly boundRatio: number
}

/** Load that came to stay becomes usual, so phases that are void for it count, too. undefined: not known yet. */
function usualLoad({ phases }: ExperimentHost, arm: ArmIndex): UsualLoad | undefined {
  const telling = phases.filter(
    (phase) => phase.arm === arm && (phase.state === 'valid' || phase.fault?.code === 'other-load'),
  )
  const loads = telling.flatMap(({ figures }) => figures?.otherCpuRatio ?? [])
  if (loads.length < fewestPhases) return undefined
  const cpuRatio = medianOf(loads)
  const deviation = medianOf(loads.map((load) => Math.abs(load - cpuRatio)))
  return { cpuRatio, boundRatio: cpuRatio + Math.max(spareCpuRatio, cpuRatio, spareDeviations * deviation) }
}

/** The same phase where nothing is wrong with it. */
function voidIfLoaded(phase: ExperimentPhase, usual: UsualLoad | undefined): ExperimentPhase {
  const load = phase.figures?.otherCpuRatio
  if (phase.state !== 'valid' || load === undefined || usual === undefined || load <= usual.boundRatio)
    return phase
  const text = `other programs took ${load.toFixed(2)} of a core; ${usual.cpuRatio.toFixed(2)} is usual in this experiment`
  return voidPhase(phase, { code: 'other-load', text, endedAt: phase.endedAt ?? phase.startedAt })
}
