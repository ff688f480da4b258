import { Button, Menu, Select, Switch, TextInput } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import { IconColumns3, IconSearch } from '@tabler/icons-react'
import { type ReactNode, useRef } from 'react'
import { fleetColumnIds } from './fleet-column-ids.ts'
import { titleOfColumn } from './fleet-columns.tsx'
import type { FleetShown } from './fleet-shown.ts'
import { ViewsMenu } from './ViewsMenu.tsx'

interface FleetToolsProps {
  /** Of all hosts. */
  readonly tags: readonly string[]
  readonly shown: FleetShown
  readonly onShow: (change: Partial<FleetShown>) => void
  readonly children: ReactNode
}

/** What is shown of the fleet, then what can be done with it. "/" goes to the filter. */
export function FleetTools({ tags, shown, onShow, children }: FleetToolsProps) {
  const search = useRef<HTMLInputElement>(null)
  useHotkeys([['/', () => search.current?.focus()]])
  return (
    <>
      <TextInput
        ref={search}
        size="xs"
        w={180}
        aria-label="Filter hosts"
        placeholder="Filter   /"
        leftSection={<IconSearch size={14} />}
        value={shown.text}
        maxLength={200}
        onChange={(event) => onShow({ text: event.currentTarget.value })}
      />
      {tags.length > 0 && (
        <>
          <Select
            size="xs"
            w={120}
            aria-label="Tag"
            placeholder="Any tag"
            clearable
            searchable
            data={tags}
            value={shown.tag}
            onChange={(tag) => onShow({ tag })}
          />
          <Switch
            size="xs"
            label="Group by tag"
            checked={shown.grouped}
            onChange={(event) => onShow({ grouped: event.currentTarget.checked })}
          />
        </>
      )}
      <ColumnsMenu shown={shown} onShow={onShow} />
      <ViewsMenu shown={shown} />
      {children}
    </>
  )
}

function ColumnsMenu({ shown, onShow }: Pick<FleetToolsProps, 'shown' | 'onShow'>) {
  const toggle = (id: (typeof fleetColumnIds)[number]) => {
    const columns = fleetColumnIds.filter((one) => shown.columns.includes(one) !== (one === id))
    if (columns.length > 0) onShow({ columns })
  }
  return (
    <Menu closeOnItemClick={false} position="bottom-end" transitionProps={{ duration: 0 }}>
      <Menu.Target>
        <Button size="xs" variant="default" leftSection={<IconColumns3 size={15} />}>
          Columns
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {fleetColumnIds.map((id) => (
          <Menu.CheckboxItem key={id} checked={shown.columns.includes(id)} onChange={() => toggle(id)}>
            {titleOfColumn(id)}
          </Menu.CheckboxItem>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
