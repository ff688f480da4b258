// The windows of time in which a policy is at work, by the clock of the host.
import { ActionIcon, Button, Chip, Group, TextInput } from '@mantine/core'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import { type PolicySchedule, weekDays } from '../../shared/contract/policies.ts'
import classes from './policies.module.css'

type Window = PolicySchedule['windows'][number]

interface ScheduleFormProps {
  readonly schedule: PolicySchedule | undefined
  readonly disabled: boolean
  readonly onChange: (schedule: PolicySchedule | undefined) => void
}

const night: Window = { days: [...weekDays], from: '22:00', to: '06:00' }
const maxWindows = 64

/** Without windows a policy is always at work. */
export function ScheduleForm({ schedule, disabled, onChange }: ScheduleFormProps) {
  const windows = schedule?.windows ?? []
  const set = (next: readonly Window[]) => onChange(next.length === 0 ? undefined : { windows: [...next] })
  return (
    <fieldset className={classes.schedule} data-testid="policy-schedule">
      <legend>At work</legend>
      <span className={classes.note}>
        {windows.length === 0
          ? 'always; add a window to let it rest outside'
          : 'in these windows only, in the time zone of the host; it rests outside, with everything put back'}
      </span>
      {windows.map((window, index) => (
        <WindowRow
          // biome-ignore lint/suspicious/noArrayIndexKey: windows have no name, and rows are not moved.
          key={index}
          position={index + 1}
          window={window}
          disabled={disabled}
          onChange={(next) =>
            set(next === undefined ? windows.toSpliced(index, 1) : windows.with(index, next))
          }
        />
      ))}
      <Button
        size="compact-xs"
        variant="default"
        leftSection={<IconPlus size={12} />}
        disabled={disabled || windows.length >= maxWindows}
        onClick={() => set([...windows, night])}
        data-testid="policy-schedule-add"
      >
        Add a window
      </Button>
    </fieldset>
  )
}

interface WindowRowProps {
  readonly position: number
  readonly window: Window
  readonly disabled: boolean
  /** undefined: it is taken out. */
  readonly onChange: (window: Window | undefined) => void
}

function WindowRow({ position, window, disabled, onChange }: WindowRowProps) {
  const time = (key: 'from' | 'to') => (
    <TextInput
      size="xs"
      type={key === 'to' && window.to === '24:00' ? 'text' : 'time'}
      aria-label={`Window ${position}, ${key}`}
      value={window[key]}
      disabled={disabled}
      onChange={(event) => {
        const { value } = event.currentTarget
        if (/^\d\d:\d\d$/.test(value)) onChange({ ...window, [key]: value })
      }}
    />
  )
  return (
    <Group gap={6} data-testid="policy-window">
      <Chip.Group
        multiple
        value={[...window.days]}
        onChange={(days) => {
          const chosen = weekDays.filter((day) => days.includes(day))
          if (chosen.length > 0) onChange({ ...window, days: chosen })
        }}
      >
        {weekDays.map((day) => (
          <Chip key={day} value={day} size="xs" radius="sm" disabled={disabled}>
            {day}
          </Chip>
        ))}
      </Chip.Group>
      {time('from')}
      <span className={classes.note}>to</span>
      {time('to')}
      <ActionIcon
        size="sm"
        variant="subtle"
        aria-label={`Remove window ${position}`}
        disabled={disabled}
        onClick={() => onChange(undefined)}
      >
        <IconTrash size={14} />
      </ActionIcon>
    </Group>
  )
}
