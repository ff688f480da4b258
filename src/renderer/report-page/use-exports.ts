// Makes a report with progress and a way to cancel, saves it, and lists what was exported.
import { useCallback, useRef, useState } from 'react'
import type { ExportedReport, ReportOrder } from '../../shared/contract/index.ts'
import { buildReport } from '../reports/build-report.ts'
import { saveFile } from '../reports/save-file.ts'
import { type Answer, useAnswer } from '../store/use-answer.ts'
import { useStore } from '../store/use-fleet.ts'
import { toastProblem, toastResult } from '../ui/toasts.ts'

interface Making {
  readonly step: string
  readonly fraction?: number | undefined
}

export interface Exports {
  readonly exported: Answer<readonly ExportedReport[]>
  /** What is being done; undefined: nothing. */
  readonly making: Making | undefined
  readonly make: (order: ReportOrder) => void
  readonly cancel: () => void
}

export function useExports(): Exports {
  const store = useStore()
  const [made, setMade] = useState(0)
  const [making, setMaking] = useState<Making>()
  const leaving = useRef<AbortController>(undefined)
  const exported = useAnswer(
    async (asked, options) => (await asked.call('reports/list', {}, options)).reports,
    made,
  )
  const make = useCallback(
    (order: ReportOrder) => {
      const cancelling = new AbortController()
      leaving.current = cancelling
      setMaking({ step: 'starting' })
      buildReport(store, order, { signal: cancelling.signal, onProgress: setMaking })
        .then((file) => {
          saveFile(file)
          toastResult('Report saved', file.fileName)
          setMade((count) => count + 1)
        })
        .catch((error: unknown) => toastProblem('Export the report', error))
        .finally(() => setMaking(undefined))
    },
    [store],
  )
  return { exported, making, make, cancel: () => leaving.current?.abort() }
}
