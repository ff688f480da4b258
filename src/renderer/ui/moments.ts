// Times of day and spans, short.
import { workbenchNow } from '../model/workbench-clock.ts'

/** 42 s, 3 min, 2 h 5 min, 4 d: for "since" and "ago"; never negative, clocks may differ. */
export function formatSpan(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000))
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  if (hours < 24) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`
  return `${Math.floor(hours / 24)} d`
}

export function formatClock(at: number, withSeconds = true): string {
  const time = new Date(at).toTimeString()
  return withSeconds ? time.slice(0, 8) : time.slice(0, 5)
}

/** The day as well when it is not today's. */
export function formatMoment(at: number, now = workbenchNow()): string {
  const day = new Date(at)
  const clock = formatClock(at)
  if (day.toDateString() === new Date(now).toDateString()) return clock
  const pad = (value: number) => String(value).padStart(2, '0')
  return `${day.getFullYear()}-${pad(day.getMonth() + 1)}-${pad(day.getDate())} ${clock}`
}
