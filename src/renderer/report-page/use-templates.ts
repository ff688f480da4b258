// Templates of reports: those of the person, and those that come with the workbench.
import { useCallback, useEffect, useState } from 'react'
import type { ListedTemplate, ReportTemplate } from '../../shared/contract/index.ts'
import { asProblem, type ProblemData } from '../../shared/problem.ts'
import { useFleet, useStore } from '../store/use-fleet.ts'
import { toastProblem, toastResult } from '../ui/toasts.ts'

export interface Templates {
  /** Undefined while they are read for the first time. */
  readonly listed: readonly ListedTemplate[] | undefined
  /** Why they cannot be listed. */
  readonly problem: ProblemData | undefined
  readonly save: (template: ReportTemplate) => void
  readonly remove: (name: string) => void
}

export function useTemplates(): Templates {
  const store = useStore()
  const linked = useFleet(({ link }) => link.state === 'open')
  const [listed, setListed] = useState<readonly ListedTemplate[]>()
  const [problem, setProblem] = useState<ProblemData>()
  useEffect(() => {
    if (!linked) return
    store.call('reports/templates', {}).then(
      ({ templates }) => {
        setListed(templates)
        setProblem(undefined)
      },
      (error: unknown) => setProblem(asProblem(error).toData()),
    )
  }, [store, linked])
  const save = useCallback(
    (template: ReportTemplate) => {
      store.call('reports/save-template', template).then(
        ({ templates }) => {
          setListed(templates)
          toastResult('Template saved', template.name)
        },
        (error: unknown) => toastProblem('Save the template', error),
      )
    },
    [store],
  )
  const remove = useCallback(
    (name: string) => {
      store.call('reports/remove-template', { name }).then(
        ({ templates }) => setListed(templates),
        (error: unknown) => toastProblem('Remove the template', error),
      )
    },
    [store],
  )
  return { listed, problem, save, remove }
}
