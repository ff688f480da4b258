import { Button, Menu } from '@mantine/core'
import { IconFileExport } from '@tabler/icons-react'
import type { ComparisonPer, MetricName, ReportFormat } from '../../shared/contract/index.ts'
import { useStore } from '../store/use-fleet.ts'
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
  const build = (format: ReportFormat) =>
    run('Export report', async () => {
      const file = await buildReport(store, {
        hostIds: [...hostIds],
        format,
        ...(compared && { compared: { metric: compared.metric, per: compared.per } }),
      })
      saveFile(file)
      toastResult('Report saved', `${file.fileName}: ${subject}`)
    })
  return (
    <Menu position="bottom-end" transitionProps={{ duration: 0 }} disabled={hostIds.length === 0}>
      <Menu.Target>
        <Button
          size="xs"
          variant="default"
          loading={busy}
          disabled={hostIds.length === 0}
          leftSection={<IconFileExport size={15} />}
        >
          Export report
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>On {subject}</Menu.Label>
        {formats.map(({ format, label }) => (
          <Menu.Item key={format} onClick={() => build(format)}>
            {label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
