// When a policy with a schedule is at work: windows in the host's own time of day, whatever its clock does. Pure.
import { type PolicySchedule, weekDays } from '../contract/policies.ts'

const dayNames: readonly string[] = weekDays
const minuteMs = 60_000
const dayMinutes = 24 * 60
/** A week and two hours: from any minute every window begins or ends within a week, even over a change of clocks. */
const searchedMinutes = 7 * dayMinutes + 120

export type LocalClock = (atMillis: number) => { readonly day: number; readonly minute: number }

/** Day of the week (0 = Monday) and minute of the day, as a clock on the wall of the zone shows them. */
export function localClock(timeZone: string): LocalClock {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })
  return (atMillis) => {
    const parts = Object.fromEntries(format.formatToParts(atMillis).map(({ type, value }) => [type, value]))
    const day = dayNames.indexOf(parts.weekday?.slice(0, 3).toLowerCase() ?? '')
    return { day, minute: Number(parts.hour) * 60 + Number(parts.minute) }
  }
}

/**
 * By the clock on the wall: an hour that is skipped in spring is in no window, one that comes twice in autumn counts
 * twice. A window that passes midnight belongs to the day on which it begins.
 */
export function isWithinWindows(schedule: PolicySchedule, clock: LocalClock, atMillis: number): boolean {
  const { day, minute } = clock(atMillis)
  const dayBefore = weekDays[(day + 6) % 7]
  const today = weekDays[day]
  return schedule.windows.some(({ days, from, to }) => {
    const [begin, end] = [minuteOf(from), minuteOf(to)]
    const isToday = today !== undefined && days.includes(today)
    if (begin < end) return isToday && minute >= begin && minute < end
    const isSinceYesterday = dayBefore !== undefined && days.includes(dayBefore) && minute < end
    return (isToday && minute >= begin) || isSinceYesterday
  })
}

/** When it is the other way round, a whole minute in milliseconds since 1970; undefined: the windows leave nothing out. */
export function findNextChange(
  schedule: PolicySchedule,
  clock: LocalClock,
  atMillis: number,
): number | undefined {
  const now = isWithinWindows(schedule, clock, atMillis)
  const first = atMillis - (atMillis % minuteMs)
  for (let minutes = 1; minutes <= searchedMinutes; minutes += 1) {
    const then = first + minutes * minuteMs
    if (isWithinWindows(schedule, clock, then) !== now) return then
  }
  return undefined
}

function minuteOf(time: string): number {
  const [hours = '', minutes = ''] = time.split(':')
  return Number(hours) * 60 + Number(minutes)
}
