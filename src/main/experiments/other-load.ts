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
  const loaded = ([0, 1] as const).flatMap((arm) => loadedPhases(host, arm))
  if (loaded.length === 0) return host
  const phases = host.phases.map((phase) => loaded.find(([one]) => one === phase)?.[1] ?? phase)
  return { ...host, phases }
}

/** Each with what becomes of it. */
function loadedPhases(host: ExperimentHost, arm: ArmIndex): [ExperimentPhase, ExperimentPhase][] {
  const ofArm = host.phases.filter((phase) => phase.arm === arm)
  const valid = ofArm.filter(({ state }) => state === 'valid')
  // Load that came to stay becomes usual, so those that are void for it count, too.
  const telling = ofArm.filter(({ state, fault }) => state === 'valid' || fault?.code === 'other-load')
  const loads = telling.flatMap(({ figures }) => figures?.otherCpuRatio ?? [])
  if (loads.length < fewestPhases) return []
  const usual = medianOf(loads)
  const deviation = medianOf(loads.map((load) => Math.abs(load - usual)))
  const bound = usual + Math.max(spareCpuRatio, usual, spareDeviations * deviation)
  return valid.flatMap((phase) => {
    const load = phase.figures?.otherCpuRatio
    if (load === undefined || load <= bound) return []
    const text = `other programs took ${load.toFixed(2)} of a core; ${usual.toFixed(2)} is usual in this experiment`
    return [
      [phase, voidPhase(phase, { code: 'other-load', text, endedAt: phase.endedAt ?? phase.startedAt })],
    ]
  })
}
