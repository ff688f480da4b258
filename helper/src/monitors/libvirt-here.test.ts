import { describe, expect, it } from 'vitest'
import {
  type LibvirtHere,
  parseFamilies,
  remedyForDeniedLibvirt,
  remedyForNoDaemon,
  remedyForNoVirsh,
} from './libvirt-here.ts'

const here = (facts: Partial<LibvirtHere>): LibvirtHere => ({
  isRoot: true,
  hasSystemd: true,
  families: ['debian'],
  ...facts,
})

describe('remedies about libvirt', () => {
  it.each([
    [here({ daemon: 'virtqemud' }), /systemctl start virtqemud\.socket/],
    [here({ daemon: 'libvirtd' }), /systemctl start libvirtd\.socket/],
    [here({ daemon: 'libvirtd', hasSystemd: false }), /^Start libvirtd, which is installed here\.$/],
    [here({}), /Neither virtqemud nor libvirtd is installed here/],
  ])('name the daemon and the service manager of this host', (facts, remedy) => {
    expect(remedyForNoDaemon(facts)).toMatch(remedy)
  })

  it('do not send root to sudo', () => {
    expect(remedyForDeniedLibvirt(here({ isRoot: true }))).not.toMatch(/sudo/)
    expect(remedyForDeniedLibvirt(here({ isRoot: false }))).toMatch(/sudo/)
  })

  it.each([
    ['ID=debian\n', 'apt-get install libvirt-clients'],
    ['ID=ubuntu\nID_LIKE=debian\n', 'apt-get install libvirt-clients'],
    ['ID="rocky"\nID_LIKE="rhel centos fedora"\n', 'dnf install libvirt-client'],
    ['ID="opensuse-leap"\nID_LIKE="suse opensuse"\n', 'zypper install libvirt-client'],
    ['', 'Install virsh, the client of libvirt.'],
  ])('name the package of %j', (osRelease, remedy) => {
    expect(remedyForNoVirsh(here({ families: parseFamilies(osRelease) }))).toContain(remedy)
  })
})
