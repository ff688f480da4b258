import { Button } from '@mantine/core'
import { IconFileTypeCsv } from '@tabler/icons-react'
import { workbenchNow } from '../model/workbench-clock.ts'
import { saveFile } from '../reports/save-file.ts'
import { useStore } from '../store/use-fleet.ts'
import { toastResult } from '../ui/toasts.ts'
import { useAct } from '../ui/use-act.ts'
import { type RangeId, rangeOf } from './ranges.ts'

interface HistoryExportProps {
  readonly hostId: string
  readonly rangeId: RangeId
}

/** Saves all metrics of the range that the charts show. */
export function HistoryExport({ hostId, rangeId }: HistoryExportProps) {
  const store = useStore()
  const { busy, run } = useAct()
  const save = () =>
    run('Export the history', async () => {
      const to = workbenchNow()
      const file = await store.call('history/export', {
        hostId,
        from: to - rangeOf(rangeId).milliseconds,
        to,
      })
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
