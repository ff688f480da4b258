import { Button, Menu } from '@mantine/core'
import { IconFileExport } from '@tabler/icons-react'
import type { TrailFormat, TrailQuery } from '../../shared/contract/index.ts'
import { saveFile } from '../reports/save-file.ts'
import { useStore } from '../store/use-fleet.ts'
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
  return (
    <Menu position="bottom-end" transitionProps={{ duration: 0 }}>
      <Menu.Target>
        <Button
          size="xs"
          variant="default"
          loading={busy}
          disabled={disabled}
          leftSection={<IconFileExport size={15} />}
        >
          Export audit
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {formats.map(({ format, label }) => (
          <Menu.Item key={format} onClick={() => save(format)}>
            {label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
