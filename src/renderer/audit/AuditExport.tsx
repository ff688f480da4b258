import type { TrailFormat, TrailQuery } from '../../shared/contract/index.ts'
import { saveFile } from '../reports/save-file.ts'
import { useStore } from '../store/use-fleet.ts'
import { FormatMenu } from '../ui/FormatMenu.tsx'
import { toastResult } from '../ui/toasts.ts'
import { useAct } from '../ui/use-act.ts'

const formats: readonly { readonly format: TrailFormat; readonly label: string }[] = [
  { format: 'csv', label: 'CSV, for a spreadsheet' },
  { format: 'json', label: 'JSON, for programs' },
]

/** Saves what the filter shows, without the limit of the screen. */
export function AuditExport({ query, disabled }: { readonly query: TrailQuery; readonly disabled: boolean }) {
  const store = useStore()
  const { busy, run } = useAct()
  const save = (format: TrailFormat) =>
    run('Export the audit', async () => {
      const file = await store.call('audit/export', { ...query, format })
      saveFile(file)
      toastResult('Audit saved', file.fileName)
    })
  return <FormatMenu label="Export audit" formats={formats} busy={busy} disabled={disabled} onChoose={save} />
}
