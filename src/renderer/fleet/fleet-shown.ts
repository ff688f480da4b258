// What of the fleet is shown, as the address of the page says it: filter, tag, groups, columns and order. Pure.
import { type FleetColumnId, fleetColumnIds, usualColumns } from './fleet-column-ids.ts'

export interface FleetShown {
  readonly text: string
  readonly tag: string | null
  readonly grouped: boolean
  readonly columns: readonly FleetColumnId[]
  readonly sort: { readonly id: string; readonly desc: boolean }
}

const usualSort = { id: 'state', desc: false } as const

/** What nobody could mean is left out. */
export function shownFrom(query: URLSearchParams): FleetShown {
  const wanted = query.get('columns')?.split(',')
  const columns = wanted === undefined ? usualColumns : fleetColumnIds.filter((id) => wanted.includes(id))
  const sort = /^(-?)([a-z-]{1,32})$/.exec(query.get('sort') ?? '')
  return {
    text: query.get('text') ?? '',
    tag: query.get('tag'),
    grouped: query.get('group') === 'tag',
    columns: columns.length > 0 ? columns : usualColumns,
    sort: sort?.[2] === undefined ? usualSort : { id: sort[2], desc: sort[1] === '-' },
  }
}

/** Only what differs from the usual. */
export function queryOf({ text, tag, grouped, columns, sort }: FleetShown): URLSearchParams {
  const query = new URLSearchParams()
  if (text !== '') query.set('text', text)
  if (tag !== null) query.set('tag', tag)
  if (grouped) query.set('group', 'tag')
  const isUsual = columns.length === usualColumns.length && columns.every((id) => usualColumns.includes(id))
  if (!isUsual) query.set('columns', columns.join(','))
  if (sort.id !== usualSort.id || sort.desc) query.set('sort', `${sort.desc ? '-' : ''}${sort.id}`)
  return query
}
