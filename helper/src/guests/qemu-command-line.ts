// What a QEMU command line tells about a guest.

/** Of `-name guest=NAME,…`, `-name NAME,…` and `-name NAME`; undefined where none is given. */
export function guestName(args: readonly string[]): string | undefined {
  const value = optionValues(args, 'name').at(-1)
  if (value === undefined) return undefined
  const options = splitOptions(value)
  const named = options.find((option) => option.startsWith('guest='))?.slice('guest='.length)
  const first = options[0]
  const name = named ?? (first?.includes('=') ? undefined : first)
  return name === undefined || name === '' ? undefined : name.slice(0, 512)
}

const diskOption = /^--?(drive|blockdev|hd[abcd]|cdrom|fd[ab]|sd|mtdblock|pflash)$/

/** Whether an option for disks names the file, plainly or in JSON. Backing files and hot-plugged disks are not named. */
export function namesDisk(args: readonly string[], path: string): boolean {
  const spellings = [path.replaceAll(',', ',,'), JSON.stringify(path).slice(1, -1)]
  return args.some((arg, index) => {
    const option = args[index - 1]
    if (option === undefined || !diskOption.test(option)) return false
    return spellings.some((spelling) => arg.includes(spelling))
  })
}

/** Whether the guest is started with `mem-merge=off`: none of its memory is offered to KSM, unless its monitor is told to. */
export function turnsMergingOff(args: readonly string[]): boolean {
  const machines = ['machine', 'M'].flatMap((option) => optionValues(args, option))
  const asked = machines
    .map((value) => parseOption(value)['mem-merge'])
    .filter((value) => value !== undefined)
  return ['off', 'no', 'false'].includes(asked.at(-1) ?? 'on')
}

/** Values of an option, each time it is given. */
export function optionValues(args: readonly string[], option: string): string[] {
  return args.flatMap((arg, index) => {
    const value = args[index + 1]
    return value !== undefined && (arg === `-${option}` || arg === `--${option}`) ? [value] : []
  })
}

/** QEMU's option lists: separated by commas, a comma inside a value is doubled. */
export function splitOptions(value: string): string[] {
  // From the left: of three commas the last one separates. No argument of a program holds a NUL.
  return value
    .replaceAll(',,', '\0')
    .split(',')
    .map((option) => option.replaceAll('\0', ','))
}

type Options = Readonly<Record<string, string | undefined>>

/** `driver,key=value,…` or an object in JSON. The first value without a key is the driver, the type or the size. */
export function parseOption(value: string): Options {
  if (value.startsWith('{')) return parseJsonOption(value)
  const options: Record<string, string> = {}
  for (const [index, option] of splitOptions(value).entries()) {
    const equals = option.indexOf('=')
    if (equals >= 0) options[option.slice(0, equals)] = option.slice(equals + 1)
    else if (index === 0) options.driver = option
  }
  return options
}

function parseJsonOption(value: string): Options {
  try {
    const parsed: unknown = JSON.parse(value)
    if (typeof parsed !== 'object' || parsed === null) return {}
    return Object.fromEntries(Object.entries(parsed).map(([key, of]) => [key, String(of)]))
  } catch {
    // QEMU would not have started with it: a process that only looks like a guest.
    return {}
  }
}

/** Of the devices on the command line, plainly or in JSON. */
export function deviceDrivers(args: readonly string[]): string[] {
  return optionValues(args, 'device').flatMap((value) => parseOption(value).driver ?? [])
}

/** Block drivers of QEMU whose disks are neither files nor block devices of the host. */
const remoteDrivers = new Set([
  ...[
    'nbd',
    'rbd',
    'iscsi',
    'iser',
    'ssh',
    'http',
    'https',
    'ftp',
    'ftps',
    'gluster',
    'nfs',
    'sheepdog',
    'vxhs',
  ],
  ...['nvme', 'nvme-io_uring', 'virtio-blk-vfio-pci', 'virtio-blk-vhost-user', 'virtio-blk-vhost-vdpa'],
])

/** Drivers of the disks that its command line names and that are no files or devices of the host: `nbd`, `rbd`. */
export function remoteDiskDrivers(args: readonly string[]): string[] {
  const named = diskValues(args).flatMap(namedDrivers)
  return [...new Set(named.filter((driver) => remoteDrivers.has(driver)))]
}

/** Of `{"driver":"nbd",…}`, `file.driver=nbd`, `file=nbd:host:port`, `rbd:pool/image`; others among them. */
function namedDrivers(value: string): string[] {
  if (/^(json:)?\{/.test(value))
    return [...value.matchAll(/"driver"\s*:\s*"([\w-]+)"/g)].map(([, name]) => name ?? '')
  return splitOptions(value).flatMap((option) => {
    const [, key, text = ''] = /^([\w.-]+)=(.*)$/.exec(option) ?? [undefined, undefined, option]
    if (key === 'driver' || key?.endsWith('.driver')) return [text]
    if (key !== undefined && key !== 'file' && !key.endsWith('filename')) return []
    if (text.startsWith('json:')) return namedDrivers(value.slice(value.indexOf('json:')))
    // `nbd+unix:///disk` has the transport behind a plus.
    return /^([a-z][a-z0-9-]*)(\+[a-z]+)?:/.exec(text)?.[1] ?? []
  })
}

/** Whether it names any disk at all, other than an empty drive. Hot-plugged disks are not named. */
export function namesAnyDisk(args: readonly string[]): boolean {
  return diskValues(args).some(
    (value) => /^(json:)?\{/.test(value) || /(^|,)(file[.=]|driver=)|^[^=,]+(,|$)/.test(value),
  )
}

function diskValues(args: readonly string[]): string[] {
  return args.filter((_, index) => diskOption.test(args[index - 1] ?? ''))
}
