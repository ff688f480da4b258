// The record of an experiment: how it begins, how phases enter it, and what a restart makes of it. Pure.
import type {
  Experiment,
  ExperimentHost,
  ExperimentPhase,
  ExperimentPlan,
  PhaseFault,
} from '../../shared/contract/index.ts'
import { orderOfPairs } from './schedule.ts'

export interface ExperimentStart {
  readonly id: string
  readonly startedAt: number
  readonly who: string
  readonly workbench: string
  readonly hosts: readonly { readonly id: string; readonly name: string; readonly address: string }[]
}

/** Without phases; the order of each host is drawn from the seed of the plan. */
export function newExperiment(plan: ExperimentPlan, start: ExperimentStart): Experiment {
  return {
    version: 1,
    id: start.id,
    plan,
    startedAt: start.startedAt,
    who: start.who,
    workbench: start.workbench,
    state: 'running',
    hosts: start.hosts.map(({ id, name, address }, index) => ({
      hostId: id,
      name,
      address,
      state: 'waiting',
      order: orderOfPairs(plan.seed, index, plan.pairs),
      phases: [],
    })),
  }
}

/** A copy with one host changed; the same hosts where it takes no part. */
export function changeHost(
  experiment: Experiment,
  hostId: string,
  change: (host: ExperimentHost) => ExperimentHost,
): Experiment {
  return {
    ...experiment,
    hosts: experiment.hosts.map((host) => (host.hostId === hostId ? change(host) : host)),
  }
}

/** Its newest phase; there is one whenever a phase is under way. */
export function changePhase(
  host: ExperimentHost,
  change: (phase: ExperimentPhase) => ExperimentPhase,
): ExperimentHost {
  const last = host.phases.at(-1)
  return last === undefined ? host : { ...host, phases: [...host.phases.slice(0, -1), change(last)] }
}

/** It runs now: under its arm the host may have a policy. */
export function isUnderWay({ state }: ExperimentPhase): boolean {
  return state !== 'valid' && state !== 'invalid'
}

/** The phase as not valid, with its reason. */
export function voidPhase(
  phase: ExperimentPhase,
  { code, text, endedAt }: { readonly code: PhaseFault; readonly text: string; readonly endedAt: number },
): ExperimentPhase {
  return { ...phase, state: 'invalid', endedAt, fault: { code, text: text.slice(0, 2048) } }
}

/** Of a phase with a policy that ended with its connection, or may have: nobody heard that the policy ended. */
export function isUnheard({ arm, fault }: ExperimentPhase, { arms }: Pick<ExperimentPlan, 'arms'>): boolean {
  return arms[arm].policy !== undefined && fault !== undefined && unheardEnds.has(fault.code)
}

const unheardEnds: ReadonlySet<PhaseFault> = new Set(['connection-lost', 'stopped', 'workbench-closed'])

/** Phases of it are still to come. */
export function takesPart({ state }: ExperimentHost): boolean {
  return state === 'running' || state === 'waiting'
}

/** Nothing is left to run or to put back. */
export function isEnded({ state }: Pick<Experiment, 'state'>): boolean {
  return state === 'stopped' || state === 'done'
}

/**
 * After a restart: the policy of the phase under way has ended with its session, so that phase is void and its pair is
 * run again. What was about to stop is stopped.
 */
export function reopenExperiment(experiment: Experiment, at: number): Experiment {
  if (isEnded(experiment)) return experiment
  const text =
    'the workbench that ran it was closed; the helper puts everything back when it notices that its session has ended'
  const hosts = experiment.hosts.map((host) =>
    changePhase(host, (phase) =>
      isUnderWay(phase) ? voidPhase(phase, { code: 'workbench-closed', text, endedAt: at }) : phase,
    ),
  )
  if (experiment.state === 'stopping')
    return {
      ...experiment,
      state: 'stopped',
      endedAt: at,
      hosts: hosts.map((host) => (host.state === 'running' ? endClosed(host, experiment.plan) : host)),
    }
  return { ...experiment, hosts, state: experiment.state === 'pausing' ? 'paused' : experiment.state }
}

/** Of a host that was to be stopped when the workbench was closed. */
function endClosed(host: ExperimentHost, plan: ExperimentPlan): ExperimentHost {
  const last = host.phases.at(-1)
  return last !== undefined && isUnheard(last, plan)
    ? { ...host, state: 'unconfirmed', detail: 'the workbench was closed while it stopped' }
    : { ...host, state: 'restored' }
}
