import { describe, expect, it } from 'vitest'
import { virshFailed } from './virsh.ts'

const here = { isRoot: true, hasSystemd: true, daemon: 'virtqemud', families: ['debian'] }

describe('virshFailed', () => {
  it.each([
    [
      "error: failed to connect to the hypervisor\nerror: Failed to connect socket to '/var/run/libvirt/libvirt-sock': No such file or directory",
      'unreachable',
    ],
    [
      "error: failed to connect to the hypervisor\nerror: Failed to connect socket to '/var/run/libvirt/libvirt-sock': Permission denied",
      'not-permitted',
    ],
    ['error: authentication unavailable: no polkit agent available to authenticate action', 'not-permitted'],
    ["error: failed to get domain 'x'", 'not-found'],
    ['error: Requested operation is not valid: domain is not running', 'gone'],
    [
      'error: Timed out during operation: cannot acquire state change lock (held by monitor=remoteDispatchDomainBackup)',
      'busy',
    ],
    ["error: internal error: cannot load AppArmor profile 'libvirt-6a1f0a52'", 'not-permitted'],
    ['error: unable to set security context on x: Permission denied', 'not-permitted'],
    ['error: something new', 'system'],
    ['', 'system'],
  ])('finds the cause of %j', (stderr, code) => {
    const problem = virshFailed(stderr, 'read x', here)
    expect(problem.code).toBe(code)
    expect(problem.message).toMatch(/^cannot read x: \S/)
    expect(problem.message).not.toMatch(/\n|: error: /)
  })
})
