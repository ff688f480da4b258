// singleton://host/NAME: a page of the workbench, named from outside. Anybody can write one, so it opens a page and does
// nothing else.
import type { SavedHost } from '../../shared/contract/index.ts'

export const linkScheme = 'singleton'

const fleetPage = '#/'
const longest = 512

/** Of the arguments of a start, the first that is a link of ours. */
export function findDeepLink(args: readonly string[]): string | undefined {
  return args.find((arg) => arg.length <= longest && arg.startsWith(`${linkScheme}://`))
}

/** The page that a link means; the fleet where it means none, or a host that is not saved. Pure. */
export function pageOfLink(link: string, hosts: readonly SavedHost[]): string {
  const [, kind, name] = /^singleton:\/\/([a-z]+)\/([^/?#]+)\/?$/.exec(link.slice(0, longest)) ?? []
  if (kind !== 'host' || name === undefined) return fleetPage
  const wanted = decode(name)
  const host = hosts.find(({ id }) => id === wanted) ?? hosts.find((saved) => saved.name === wanted)
  return host === undefined ? fleetPage : `#/host/${encodeURIComponent(host.id)}`
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return ''
  }
}
