import { Button, Loader } from '@mantine/core'
import { useRef, useState } from 'react'
import type { ComparisonPer, MetricName, ReportFormat } from '../../shared/contract/index.ts'
import { useStore } from '../store/use-fleet.ts'
import { FormatMenu } from '../ui/FormatMenu.tsx'
import { toastResult } from '../ui/toasts.ts'
import { useAct } from '../ui/use-act.ts'
import { buildReport } from './build-report.ts'
import { saveFile } from './save-file.ts'

const formats: readonly { readonly format: ReportFormat; readonly label: string }[] = [
  { format: 'pdf', label: 'PDF, to send and print' },
  { format: 'html', label: 'HTML, to read anywhere' },
  { format: 'csv', label: 'CSV, for a spreadsheet' },
  { format: 'json', label: 'JSON, with every figure' },
]

interface ExportMenuProps {
  readonly hostIds: readonly string[]
  /** "2 selected hosts", "all hosts". */
  readonly subject: string
  /** The report begins with this comparison. */
  readonly compared?: { readonly metric: MetricName; readonly per: ComparisonPer }
}

export function ExportMenu({ hostIds, subject, compared }: ExportMenuProps) {
  const store = useStore()
  const { busy, run } = useAct()
  const [step, setStep] = useState('starting')
  const cancelling = useRef<AbortController>(undefined)
  const build = (format: ReportFormat) =>
    run('Export report', async () => {
      cancelling.current = new AbortController()
      const { signal } = cancelling.current
      setStep('starting')
      const order = {
        hostIds: [...hostIds],
        format,
        ...(compared && { compared: { metric: compared.metric, per: compared.per } }),
      }
      const file = await buildReport(store, order, { signal, onProgress: (now) => setStep(now.step) })
      saveFile(file)
      toastResult('Report saved', `${file.fileName}: ${subject}`)
    })
  if (busy) return <UnderWay step={step} onCancel={() => cancelling.current?.abort()} />
  return (
    <FormatMenu
      label="Export report"
      heading={`On ${subject}`}
      formats={formats}
      busy={false}
      disabled={hostIds.length === 0}
      onChoose={build}
    />
  )
}

/** Of a hundred hosts a report takes seconds. */
function UnderWay({ step, onCancel }: { readonly step: string; readonly onCancel: () => void }) {
  return (
    <Button
      size="xs"
      variant="default"
      leftSection={<Loader size={12} />}
      title={`${step}. Press to cancel.`}
      onClick={onCancel}
    >
      Cancel the report
      <span className="sr-only" role="status">
        {step}
      </span>
    </Button>
  )
}
