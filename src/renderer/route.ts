// Where we are: the fleet or one host, kept in the fragment so that reload and back work.
import { useSyncExternalStore } from 'react'

export type Route =
  | { readonly page: 'fleet' }
  | { readonly page: 'audit' }
  | { readonly page: 'host'; readonly hostId: string }

export function parseRoute(fragment: string): Route {
  if (fragment === auditLink) return { page: 'audit' }
  const hostId = /^#\/host\/([^/]+)$/.exec(fragment)?.[1]
  return hostId === undefined ? { page: 'fleet' } : { page: 'host', hostId: decodeURIComponent(hostId) }
}

export function hostLink(hostId: string): string {
  return `#/host/${encodeURIComponent(hostId)}`
}

export const fleetLink = '#/'
export const auditLink = '#/audit'

export function open(link: string): void {
  window.location.hash = link
}

export function useRoute(): Route {
  const fragment = useSyncExternalStore(
    (listener) => {
      window.addEventListener('hashchange', listener)
      return () => window.removeEventListener('hashchange', listener)
    },
    () => window.location.hash,
  )
  return parseRoute(fragment)
}
