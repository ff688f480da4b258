import { Button, Menu } from '@mantine/core'
import { IconFileExport } from '@tabler/icons-react'
import { withValue } from '../../shared/with-value.ts'

interface FormatMenuProps<Format extends string> {
  /** Of the button. */
  readonly label: string
  readonly formats: readonly { readonly format: Format; readonly label: string }[]
  readonly onChoose: (format: Format) => void
  /** A file is being made. */
  readonly busy: boolean
  readonly disabled?: boolean
  /** What the file is about: "On 2 selected hosts". */
  readonly heading?: string
  readonly testId?: string
}

/** A button that asks in which format to save something. */
export function FormatMenu<Format extends string>(props: FormatMenuProps<Format>) {
  const { label, formats, onChoose, busy, disabled = false, heading, testId } = props
  return (
    <Menu position="bottom-end" transitionProps={{ duration: 0 }} disabled={disabled}>
      <Menu.Target>
        <Button
          size="xs"
          variant="default"
          loading={busy}
          disabled={disabled}
          leftSection={<IconFileExport size={15} />}
          {...withValue({ 'data-testid': testId })}
        >
          {label}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {heading !== undefined && <Menu.Label>{heading}</Menu.Label>}
        {formats.map((one) => (
          <Menu.Item key={one.format} onClick={() => onChoose(one.format)}>
            {one.label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
