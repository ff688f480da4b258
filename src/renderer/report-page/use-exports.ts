// Makes a report with progress and a way to cancel, saves it, and lists what was exported.
import { useCallback, useEffect, useRef, useState } from 'react'
import type { ExportedReport, ReportOrder } from '../../shared/contract/index.ts'
import { buildReport } from '../reports/build-report.ts'
import { saveFile } from '../reports/save-file.ts'
import { useFleet, useStore } from '../store/use-fleet.ts'
import { toastProblem, toastResult } from '../ui/toasts.ts'

export interface Exports {
  readonly exported: readonly ExportedReport[]
  /** What is being done; undefined: nothing. */
  readonly making: string | undefined
  readonly make: (order: ReportOrder) => void
  readonly cancel: () => void
}

export function useExports(): Exports {
  const store = useStore()
  const linked = useFleet(({ link }) => link.state === 'open')
  const [exported, setExported] = useState<readonly ExportedReport[]>([])
  const [making, setMaking] = useState<string>()
  const leaving = useRef<AbortController>(undefined)
  const list = useCallback(async () => {
    const { reports } = await store.call('reports/list', {})
    setExported(reports)
  }, [store])
  useEffect(() => {
    if (linked) list().catch((error: unknown) => toastProblem('List the reports', error))
  }, [linked, list])
  const make = useCallback(
    (order: ReportOrder) => {
      const cancelling = new AbortController()
      leaving.current = cancelling
      setMaking('starting')
      const onProgress = ({
        step,
        fraction,
      }: {
        readonly step: string
        readonly fraction?: number | undefined
      }) => setMaking(fraction === undefined ? step : `${step}, ${Math.round(fraction * 100)} %`)
      buildReport(store, order, { signal: cancelling.signal, onProgress })
        .then((file) => {
          saveFile(file)
          toastResult('Report saved', file.fileName)
          return list()
        })
        .catch((error: unknown) => toastProblem('Export the report', error))
        .finally(() => setMaking(undefined))
    },
    [store, list],
  )
  return { exported, making, make, cancel: () => leaving.current?.abort() }
}
