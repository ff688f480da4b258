// Which programs are QEMU's system emulators, and which look as if they ran guests and are none that this helper knows.

/** Nix and Guix put a script in the program's place, and rename the program: `.qemu-system-x86_64-wrapped`, `.…-real`. */
function unwrap(program: string): string {
  return program.replace(/^\.+/, '').replace(/(-wrapped|-real)+_*$/, '')
}

/** By name of the program, or its first 15 characters as /proc/<pid>/comm has them. */
export function isMonitorProgram(program: string): boolean {
  const name = unwrap(program)
  // Kata's builds have a word in between: qemu-lite-system-x86_64.
  return /^qemu-([a-z]+-)?system/.test(name) || name === 'qemu-kvm' || name === 'kvm'
}

const otherMonitors = [
  'bhyve',
  'cloud-hypervisor',
  'crosvm',
  'dragonball',
  'firecracker',
  'lkvm',
  'stratovirt',
  'VBoxHeadless',
  'VirtualBoxVM',
  'vmware-vmx',
]
/** Released binaries carry how they were built, their version and architecture: `firecracker-v1.7.0-x86_64`. */
const otherMonitor = new RegExp(
  `^(${otherMonitors.join('|')})([-_](static|debug|release|stats|v?\\d[\\w.]*|x86_64|amd64|aarch64|arm64))*$`,
)

/** Why a program that looks like a hypervisor is none whose guests are measured; undefined: it does not look like one. */
export function explainOtherProgram(program: string, comm: string | undefined): string | undefined {
  const name = unwrap(program)
  if (otherMonitor.test(name)) return `${name} is another hypervisor: only guests of QEMU are measured`
  if (program.includes('qemu-system')) return `the name of its program, ${program}, is not one of QEMU's`
  if (comm !== undefined && isMonitorProgram(comm))
    return `it is named ${comm}, but its program, ${program}, is not QEMU`
  return undefined
}
