import { Button, CloseButton, Group, Popover, SegmentedControl, Stack, TextInput } from '@mantine/core'
import { useState } from 'react'
import { linkTo, open, type Route, showInstead } from '../model/route.ts'
import { workbenchNow } from '../model/workbench-clock.ts'
import { formatMoment } from '../ui/moments.ts'
import { HistoryExport } from './HistoryExport.tsx'
import {
  baseOf,
  moderate,
  type Range,
  type RangeChoice,
  type RangeId,
  rangeAt,
  ranges,
  withChoice,
} from './ranges.ts'

interface RangeControlProps {
  readonly route: Route
  readonly choice: RangeChoice
}

/** The range is part of the address: it stays when the page is opened again, and goes along to other tabs. */
export function RangeControl({ route, choice }: RangeControlProps) {
  const isFixed = typeof choice !== 'string'
  return (
    <>
      {isFixed && (
        <span className="panel-note" data-testid="fixed-range">
          {formatMoment(choice.from)} to {formatMoment(choice.to)}
          <CloseButton
            size="xs"
            aria-label="Back to a range that ends now"
            onClick={() => showChoice(route, baseOf(route.query))}
          />
        </span>
      )}
      <SegmentedControl
        size="xs"
        aria-label="Time range"
        transitionDuration={0}
        data={ranges.map(({ id, label }) => ({ value: id, label }))}
        value={isFixed ? '' : choice}
        onChange={(id) => showChoice(route, id as RangeId)}
      />
      <FromTo choice={choice} onChoose={(range) => openChoice(route, range)} />
      <HistoryExport hostId={route.hostId} choice={choice} />
    </>
  )
}

/** Instead of what is shown: a range among others of the same page. */
export function showChoice(route: Route, choice: RangeChoice): void {
  showInstead(linkTo(route.page, { ...route, query: withChoice(route.query, choice) }))
}

/** As a step of its own, so that Back leads to the range before. */
export function openChoice(route: Route, range: Range): void {
  open(linkTo(route.page, { ...route, query: withChoice(route.query, range) }))
}

interface FromToProps {
  readonly choice: RangeChoice
  readonly onChoose: (range: Range) => void
}

function FromTo({ choice, onChoose }: FromToProps) {
  const [opened, setOpened] = useState(false)
  const [text, setText] = useState({ from: '', to: '' })
  const range = { from: Date.parse(text.from), to: Date.parse(text.to) }
  const isWrong = !(range.to > range.from)
  const toggle = () => {
    const shown = rangeAt(choice, workbenchNow())
    setText({ from: localText(shown.from), to: localText(shown.to) })
    setOpened(!opened)
  }
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" trapFocus withinPortal>
      <Popover.Target>
        <Button size="xs" variant="default" onClick={toggle}>
          From … to
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="From and to">
        <form
          onSubmit={(event) => {
            event.preventDefault()
            if (isWrong) return
            onChoose(moderate(range, workbenchNow()))
            setOpened(false)
          }}
        >
          <Stack gap="xs">
            {(['from', 'to'] as const).map((end) => (
              <TextInput
                key={end}
                size="xs"
                type="datetime-local"
                step={1}
                label={end === 'from' ? 'From' : 'To'}
                value={text[end]}
                {...(end === 'to' && isWrong && { error: 'The end must come after the beginning.' })}
                onChange={(event) => setText({ ...text, [end]: event.currentTarget.value })}
              />
            ))}
            <Group justify="flex-end">
              <Button size="xs" type="submit" disabled={isWrong}>
                Show
              </Button>
            </Group>
          </Stack>
        </form>
      </Popover.Dropdown>
    </Popover>
  )
}

/** As a field for local times wants it. */
function localText(at: number): string {
  const local = new Date(at - new Date(at).getTimezoneOffset() * 60_000)
  return local.toISOString().slice(0, 19)
}
