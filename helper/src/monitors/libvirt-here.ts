// What this host has of libvirt, so that a remedy names what is really here.

import { existsSync } from 'node:fs'
import { withValue } from '../../../src/shared/with-value.ts'
import { readIfThere } from '../kernel/read-if-there.ts'

export interface LibvirtHere {
  readonly isRoot: boolean
  readonly hasSystemd: boolean
  /** The daemon that serves qemu:///system, where one is installed. */
  readonly daemon?: string
  /** ID and ID_LIKE of os-release. */
  readonly families: readonly string[]
}

const programFolders = ['/usr/sbin', '/usr/bin', '/sbin', '/usr/local/sbin', '/run/current-system/sw/bin']

/** What of libvirt this host has. What is not there counts as absent. */
export async function findLibvirtHere(): Promise<LibvirtHere> {
  // The monolithic daemon still serves where both are installed and only its socket is there.
  const order = existsSync('/run/libvirt/libvirt-sock')
    ? ['libvirtd', 'virtqemud']
    : ['virtqemud', 'libvirtd']
  const daemon = order.find((name) => programFolders.some((folder) => existsSync(`${folder}/${name}`)))
  return {
    isRoot: process.geteuid?.() === 0,
    hasSystemd: existsSync('/run/systemd/system'),
    ...withValue({ daemon }),
    families: parseFamilies((await readIfThere('/etc/os-release')) ?? ''),
  }
}

/** Names of the distribution and of those it is like, from the text of /etc/os-release. */
export function parseFamilies(osRelease: string): string[] {
  return [...osRelease.matchAll(/^(?:ID|ID_LIKE)=(.*)$/gm)].flatMap(([, value]) =>
    (value ?? '').replace(/["']/g, '').split(/\s+/).filter(Boolean),
  )
}

/** What to do where no daemon of libvirt answers. */
export function remedyForNoDaemon({ daemon, hasSystemd }: LibvirtHere): string {
  if (daemon === undefined)
    return 'Neither virtqemud nor libvirtd is installed here: install libvirt, or see where it runs.'
  return hasSystemd
    ? `Start it: systemctl start ${daemon}.socket`
    : `Start ${daemon}, which is installed here.`
}

/** What to do where libvirt refuses this user. */
export function remedyForDeniedLibvirt({ isRoot }: LibvirtHere): string {
  return isRoot
    ? 'Root is refused: see the access driver and the socket permissions of libvirt, and the kernel log.'
    : 'Run the helper as root, for example with sudo.'
}

const packages: readonly (readonly [family: string, command: string])[] = [
  ['debian', 'apt-get install libvirt-clients'],
  ['fedora', 'dnf install libvirt-client'],
  ['rhel', 'dnf install libvirt-client'],
  ['suse', 'zypper install libvirt-client'],
  ['opensuse', 'zypper install libvirt-client'],
  ['arch', 'pacman -S libvirt'],
  ['alpine', 'apk add libvirt-client'],
]

/** What to do where virsh is not installed. */
export function remedyForNoVirsh({ families }: LibvirtHere): string {
  const command = packages.find(([family]) => families.includes(family))?.[1]
  return command === undefined ? 'Install virsh, the client of libvirt.' : `Install virsh: ${command}`
}
