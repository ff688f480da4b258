// Where a guest's monitor is, as its command line tells.
import { optionValues, splitOptions } from '../guests/qemu-command-line.ts'

export type MonitorAddress =
  /** Libvirt holds the monitor; `domain` is a UUID, or a name where the command line has none. */
  | { readonly kind: 'libvirt'; readonly domain: string }
  /** QMP sockets that QEMU listens on, as paths in its own mount namespace; a relative one is of its start. */
  | { readonly kind: 'sockets'; readonly paths: readonly string[] }
  | { readonly kind: 'none' }

// The name that libvirt gives the channel of its own monitor.
const libvirtMonitor = 'charmonitor'
const uuidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** By the guest's command line; `name` is its libvirt domain where the line has no uuid. */
export function findMonitorAddress(args: readonly string[], name: string): MonitorAddress {
  const chardevs = optionValues(args, 'chardev').map((value) => parseOptions(value, 'type'))
  if (chardevs.some(({ id }) => id === libvirtMonitor)) {
    const uuid = optionValues(args, 'uuid').at(-1)
    return { kind: 'libvirt', domain: uuid !== undefined && uuidPattern.test(uuid) ? uuid : name }
  }
  const monitors = optionValues(args, 'mon').map((value) => parseOptions(value, 'chardev'))
  const ids = monitors.flatMap(({ mode, chardev }) => (mode === 'control' && chardev ? [chardev] : []))
  const plain = [...optionValues(args, 'qmp'), ...optionValues(args, 'qmp-pretty')]
  const listening = [
    ...plain
      .filter((value) => value.startsWith('unix:'))
      .map((value) => parseOptions(value.slice(5), 'path')),
    ...chardevs.filter(({ id, type }) => type === 'socket' && id !== undefined && ids.includes(id)),
  ].filter((options) => isOn(options.server) && !isOn(options.abstract))
  const paths = listening.flatMap(({ path }) => (path ? [path] : []))
  return paths.length === 0 ? { kind: 'none' } : { kind: 'sockets', paths: [...new Set(paths)] }
}

/** `first` names the key that a leading value without `=` belongs to. */
function parseOptions(value: string, first: string): Partial<Record<string, string>> {
  const entries = splitOptions(value).map((option, index): [string, string] => {
    const equals = option.indexOf('=')
    if (equals >= 0) return [option.slice(0, equals), option.slice(equals + 1)]
    // `server` alone is `server=on`, and `nowait` is no option that matters here.
    return index === 0 ? [first, option] : [option, 'on']
  })
  return Object.fromEntries(entries)
}

function isOn(value: string | undefined): boolean {
  return value === 'on' || value === 'yes' || value === 'true' || value === 'y'
}
