// Keys that lead to pages, as the table of pages has them, and the list of all keys.
import { Kbd, Modal, Stack, Table } from '@mantine/core'
import { useEffect, useRef } from 'react'
import { entryOf, hostTabs, topPages } from '../model/page-table.ts'
import { linkTo, open, type Route } from '../model/route.ts'
import { KeysSwitch } from '../settings/KeysSwitch.tsx'
import { useSetting } from '../ui/use-setting.ts'
import { pageOfKeys } from './page-of-keys.ts'

/** A second key counts when it comes within this time. */
const togetherMs = 1500

interface PageKeysProps {
  readonly route: Route
  /** Whether the list of keys is shown. */
  readonly listed: boolean
  readonly onListed: (listed: boolean) => void
}

export function PageKeys({ route, listed, onListed }: PageKeysProps) {
  const [isOff] = useSetting('keys-off')
  const before = useRef<{ readonly key: string; readonly at: number }>(undefined)
  const { hostId } = route
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
      if (event.key === '?') {
        onListed(true)
        return
      }
      if (isOff) return
      const isSecond = before.current?.key === 'g' && performance.now() - before.current.at < togetherMs
      const page = pageOfKeys(event.key, { afterG: isSecond, onHost: hostId !== '' })
      before.current = { key: event.key, at: performance.now() }
      if (page === undefined) return
      event.preventDefault()
      open(linkTo(page, { hostId }))
    }
    addEventListener('keydown', press)
    return () => removeEventListener('keydown', press)
  }, [hostId, isOff, onListed])
  return (
    <Modal opened={listed} onClose={() => onListed(false)} title="Keys" size="md" data-testid="keys">
      <Stack gap="sm">
        <KeysSwitch />
        <KeyList />
      </Stack>
    </Modal>
  )
}

const otherKeys: readonly (readonly [readonly string[], string])[] = [
  [['?'], 'This list'],
  [['/'], 'Filter the fleet'],
  [['↑', '↓', 'Home', 'End', 'Enter'], 'In a table: move through the rows, open one'],
  [['←', '→', 'Home', 'End', 'Esc'], 'On a chart: read the values, end reading'],
  [['+', '−', '0'], 'On a chart: zoom in, zoom out, back to the range'],
]

function KeyList() {
  const rows = [
    ...topPages.map((id) => [['G', keyOf(id)], entryOf(id).title] as const),
    ...hostTabs.map((id) => [[keyOf(id)], `Of the host: ${entryOf(id).title}`] as const),
    ...otherKeys,
  ]
  return (
    <Table verticalSpacing={4} fz="sm">
      <Table.Tbody>
        {rows.map(([keys, text]) => (
          <Table.Tr key={text}>
            <Table.Td w={170}>
              {keys.map((key) => (
                <Kbd key={key} size="xs" mr={3}>
                  {key}
                </Kbd>
              ))}
            </Table.Td>
            <Table.Td>{text}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}

function keyOf(id: Parameters<typeof entryOf>[0]): string {
  return (entryOf(id).key ?? '').toUpperCase()
}

/** Where keys are text, or choose among values, or a dialog is in front. */
function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  return (
    target.closest(
      'input, textarea, select, [contenteditable], [role=dialog], [role=menu], [role=radiogroup]',
    ) !== null
  )
}
