import { Select, Switch, TextInput } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import { IconSearch } from '@tabler/icons-react'
import { type ReactNode, useRef } from 'react'
import type { HostView } from '../../shared/contract/index.ts'
import { tagsOf } from '../model/fleet-figures.ts'

export interface FleetFilter {
  readonly text: string
  readonly tag: string | null
  readonly grouped: boolean
}

interface FleetToolsProps {
  readonly views: readonly HostView[]
  readonly filter: FleetFilter
  readonly onFilter: (filter: FleetFilter) => void
  readonly children: ReactNode
}

/** What is shown of the fleet, then what can be done with it. "/" goes to the filter. */
export function FleetTools({ views, filter, onFilter, children }: FleetToolsProps) {
  const search = useRef<HTMLInputElement>(null)
  useHotkeys([['/', () => search.current?.focus()]])
  const tags = tagsOf(views)
  return (
    <>
      <TextInput
        ref={search}
        size="xs"
        w={200}
        aria-label="Filter hosts"
        placeholder="Filter   /"
        leftSection={<IconSearch size={14} />}
        value={filter.text}
        onChange={(event) => onFilter({ ...filter, text: event.currentTarget.value })}
      />
      {tags.length > 0 && (
        <>
          <Select
            size="xs"
            w={130}
            aria-label="Tag"
            placeholder="Any tag"
            clearable
            searchable
            data={tags}
            value={filter.tag}
            onChange={(tag) => onFilter({ ...filter, tag })}
          />
          <Switch
            size="xs"
            label="Group by tag"
            checked={filter.grouped}
            onChange={(event) => onFilter({ ...filter, grouped: event.currentTarget.checked })}
          />
        </>
      )}
      {children}
    </>
  )
}
