// Templates of reports: those of the person, and those that come with the workbench.
import { useCallback, useState } from 'react'
import type { ListedTemplate, ReportTemplate } from '../../shared/contract/index.ts'
import { type Answer, useAnswer } from '../store/use-answer.ts'
import { useStore } from '../store/use-fleet.ts'
import { toastProblem, toastResult } from '../ui/toasts.ts'

export interface Templates {
  readonly listed: Answer<readonly ListedTemplate[]>
  readonly save: (template: ReportTemplate) => void
  readonly remove: (name: string) => void
}

export function useTemplates(): Templates {
  const store = useStore()
  const [edited, setEdited] = useState(0)
  const listed = useAnswer(
    async (asked, options) => (await asked.call('reports/templates', {}, options)).templates,
    edited,
  )
  const save = useCallback(
    (template: ReportTemplate) => {
      store.call('reports/save-template', template).then(
        () => {
          setEdited((count) => count + 1)
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
        () => setEdited((count) => count + 1),
        (error: unknown) => toastProblem('Remove the template', error),
      )
    },
    [store],
  )
  return { listed, save, remove }
}
