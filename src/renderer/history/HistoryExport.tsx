import { Button } from '@mantine/core'
import { IconFileTypeCsv } from '@tabler/icons-react'
import { workbenchNow } from '../model/workbench-clock.ts'
import { saveFile } from '../reports/save-file.ts'
import { useStore } from '../store/use-fleet.ts'
import { toastResult } from '../ui/toasts.ts'
import { useAct } from '../ui/use-act.ts'
import { type RangeChoice, rangeAt } from './ranges.ts'

interface HistoryExportProps {
  readonly hostId: string
  readonly choice: RangeChoice
}

/** Saves all metrics of the range that the charts show. */
export function HistoryExport({ hostId, choice }: HistoryExportProps) {
  const store = useStore()
  const { busy, run } = useAct()
  const save = () =>
    run('Export the history', async () => {
      const file = await store.call('history/export', { hostId, ...rangeAt(choice, workbenchNow()) })
      saveFile(file)
      toastResult('History saved', file.fileName)
    })
  return (
    <Button
      size="xs"
      variant="default"
      loading={busy}
      leftSection={<IconFileTypeCsv size={15} />}
      data-testid="export-history"
      onClick={save}
    >
      CSV
    </Button>
  )
}
