// The address of a guest: its name, which a restart does not change; its process where two guests have the name. Pure.
import { linkTo } from '../model/route.ts'
import type { GuestRow } from './guest-rows.ts'

export function guestLink(hostId: string, row: GuestRow, rows: readonly GuestRow[]): string {
  return linkTo('guest', { hostId, item: itemOf(row, rows) })
}

export function findGuest(item: string, rows: readonly GuestRow[]): GuestRow | undefined {
  // A guest that runs comes before one of the same name that has ended.
  return rows.findLast((row) => itemOf(row, rows) === item) ?? rows.findLast(({ name }) => name === item)
}

function itemOf({ pid, name }: GuestRow, rows: readonly GuestRow[]): string {
  const namesakes = rows.filter((row) => row.name === name)
  return namesakes.length === 1 ? name : `${name} [${pid}]`
}
