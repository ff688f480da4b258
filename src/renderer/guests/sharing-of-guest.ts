// With which guests one guest shares content, as an assessment tells. Pure.
import type { AssessedGuest, HostView } from '../../shared/contract/index.ts'

export interface SharingRow {
  readonly pid: number
  readonly name: string
  readonly isItself: boolean
  readonly identicalBytes: number
  readonly zeroBytes: number
}

export function sharingOfGuest({ assessment }: HostView, { pid }: AssessedGuest): SharingRow[] {
  const names = new Map(assessment?.guests.map((guest) => [guest.pid, guest.name]))
  return (assessment?.sharing ?? [])
    .filter(({ a, b }) => a === pid || b === pid)
    .map(({ a, b, identicalBytes, zeroBytes }) => {
      const other = a === pid ? b : a
      const name = names.get(other) ?? `pid ${other}`
      return { pid: other, name, isItself: other === pid, identicalBytes, zeroBytes }
    })
}
