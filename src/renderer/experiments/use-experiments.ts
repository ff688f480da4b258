// Experiments: asked for when a screen shows them and the link is new, then kept up by notifications.
import { useEffect, useState } from 'react'
import type { ExperimentSummary, ShownExperiment } from '../../shared/contract/index.ts'
import { asProblem, type ProblemData } from '../../shared/problem.ts'
import { useFleet, useStore } from '../store/use-fleet.ts'

interface Asked<T> {
  /** Undefined until it is known. */
  readonly value: T | undefined
  readonly problem: ProblemData | undefined
}

const nothingYet = { value: undefined, problem: undefined } as const

/** The newest first. */
export function useExperiments(): Asked<readonly ExperimentSummary[]> {
  const store = useStore()
  const told = useFleet((fleet) => fleet.experiments)
  const isOpen = useFleet(({ link }) => link.state === 'open')
  const [asked, setAsked] = useState<Asked<readonly ExperimentSummary[]>>(nothingYet)
  useEffect(() => {
    if (!isOpen) return undefined
    let isCurrent = true
    store.call('experiments/list', {}).then(
      ({ experiments }) => isCurrent && setAsked({ value: experiments, problem: undefined }),
      (error: unknown) => isCurrent && setAsked({ value: undefined, problem: asProblem(error).toData() }),
    )
    return () => {
      isCurrent = false
    }
  }, [store, isOpen])
  const older = asked.value?.filter(({ id }) => told[id] === undefined)
  const newer = Object.values(told).filter((one) => one !== 'removed')
  const all = older && [...newer, ...older].toSorted((a, b) => b.startedAt - a.startedAt)
  return { value: all, problem: asked.problem }
}

/** Whole, asked for again whenever something of it has changed. */
export function useExperiment(id: string): Asked<ShownExperiment> {
  const store = useStore()
  const told = useFleet((fleet) => fleet.experiments[id])
  const isOpen = useFleet(({ link }) => link.state === 'open')
  const [asked, setAsked] = useState<Asked<ShownExperiment>>(nothingYet)
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was told anew is asked for anew.
  useEffect(() => {
    if (!isOpen || id === '') return undefined
    let isCurrent = true
    store.call('experiments/show', { id }).then(
      (value) => isCurrent && setAsked({ value, problem: undefined }),
      (error: unknown) => isCurrent && setAsked({ value: undefined, problem: asProblem(error).toData() }),
    )
    return () => {
      isCurrent = false
    }
  }, [store, isOpen, id, told])
  return asked
}
