// What a QEMU command line tells about a guest.

/** By name of the program, or its first 15 characters as /proc/<pid>/comm has them. */
export function isMonitorProgram(program: string): boolean {
  return program.startsWith('qemu-system') || program === 'qemu-kvm' || program === 'kvm'
}

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

/** Values of an option, each time it is given. */
export function optionValues(args: readonly string[], option: string): string[] {
  return args.flatMap((arg, index) => {
    const value = args[index + 1]
    return value !== undefined && (arg === `-${option}` || arg === `--${option}`) ? [value] : []
  })
}

/** QEMU's option lists: separated by commas, a comma inside a value is doubled. */
export function splitOptions(value: string): string[] {
  return value.split(/(?<!,),(?!,)/).map((option) => option.replaceAll(',,', ','))
}
