// Where we are, kept in the fragment so that reload and back work. pages.ts says which component shows a page.
import { useMemo, useSyncExternalStore } from 'react'
import { entryOf, type HostTab, type PageId, pageIds } from './page-table.ts'

export interface Route {
  readonly page: PageId
  /** Empty where the page is of no host. */
  readonly hostId: string
  /** The guest or image of the host; empty where the page is of none. */
  readonly item: string
  /** What of the page is shown: range, filter, columns. */
  readonly query: URLSearchParams
}

/** The host's overview is also at the address of the host alone. Any other fragment that fits no page shows the fleet. */
export function parseRoute(fragment: string): Route {
  const [path = '', query] = splitOnce(fragment, '?')
  const parts = path.split('/')
  const search = new URLSearchParams(query)
  const found =
    pageIds.flatMap((page) => match(page, parts))[0] ?? match('hostOverview', [...parts, 'overview'])[0]
  return { page: 'fleet', hostId: '', item: '', ...found, query: search }
}

function match(page: PageId, parts: readonly string[]): Omit<Route, 'query'>[] {
  const wanted = entryOf(page).path.split('/')
  const found = { hostId: '', item: '' }
  const fits = wanted.every((name, index) => {
    const part = parts[index] ?? ''
    if (name !== ':hostId' && name !== ':item') return name === part
    const value = decode(part)
    found[name === ':hostId' ? 'hostId' : 'item'] = value
    return value !== ''
  })
  return fits && wanted.length === parts.length ? [{ page, ...found }] : []
}

type Place = Partial<Pick<Route, 'hostId' | 'item'>> & {
  readonly query?: URLSearchParams | Readonly<Record<string, string>>
}

export function linkTo(page: PageId, { hostId = '', item = '', query }: Place = {}): string {
  const path = entryOf(page)
    .path.replace(':hostId', encodeURIComponent(hostId))
    .replace(':item', encodeURIComponent(item))
  const search = new URLSearchParams(query).toString()
  return search === '' ? path : `${path}?${search}`
}

export function hostLink(hostId: string, tab: HostTab = 'hostOverview', query?: Place['query']): string {
  return linkTo(tab, { hostId, ...(query && { query }) })
}

export function open(link: string): void {
  window.location.hash = link
}

/** Another view of the same page: changes the address without a step of its own for the way back. */
export function showInstead(link: string): void {
  history.replaceState(history.state, '', link)
  window.dispatchEvent(new HashChangeEvent('hashchange'))
}

export function useRoute(): Route {
  const fragment = useSyncExternalStore(
    (listener) => {
      window.addEventListener('hashchange', listener)
      return () => window.removeEventListener('hashchange', listener)
    },
    () => window.location.hash,
  )
  return useMemo(() => parseRoute(fragment), [fragment])
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}

/** Empty for what was never encoded: anybody can write a fragment. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch (error) {
    if (error instanceof URIError) return ''
    throw error
  }
}
