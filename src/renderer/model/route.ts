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

/** The first of `paths` that fits; any other fragment shows the fleet. */
export function parseRoute(fragment: string): Route {
  for (const path of Object.values(paths)) {
    if (fragment === path && !path.includes(':')) return { path }
    const [before = '', after] = path.split(':hostId')
    if (after === undefined || !fragment.startsWith(before)) continue
    const hostId = decode(fragment.slice(before.length))
    if (hostId !== '' && !fragment.slice(before.length).includes('/')) return { path, hostId }
  }
  return { path: paths.fleet }
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
