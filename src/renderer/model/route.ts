// Where we are, kept in the fragment so that reload and back work. pages.ts says which page a path shows.
import { useSyncExternalStore } from 'react'

/** `:hostId` stands for any host. */
export const paths = {
  fleet: '#/',
  policies: '#/policies',
  audit: '#/audit',
  host: '#/host/:hostId',
} as const
export type Path = (typeof paths)[keyof typeof paths]

export interface Route {
  readonly path: Path
  /** Only of the page of a host. */
  readonly hostId?: string
}

/** Anything that is no page of ours is the fleet. */
export function parseRoute(fragment: string): Route {
  if (fragment === paths.audit) return { path: paths.audit }
  if (fragment === paths.policies) return { path: paths.policies }
  const hostId = decode(/^#\/host\/([^/]+)$/.exec(fragment)?.[1] ?? '')
  return hostId === '' ? { path: paths.fleet } : { path: paths.host, hostId }
}

export function hostLink(hostId: string): string {
  return paths.host.replace(':hostId', encodeURIComponent(hostId))
}

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

/** Empty for what was never encoded: anybody can write a fragment. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch (error) {
    if (error instanceof URIError) return ''
    throw error
  }
}
