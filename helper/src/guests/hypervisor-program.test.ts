import { describe, expect, it } from 'vitest'
import { explainOtherProgram, isMonitorProgram } from './hypervisor-program.ts'

describe('isMonitorProgram', () => {
  it.each([
    ['qemu-system-x86_64', true],
    ['qemu-system-x86', true],
    ['kvm', true],
    ['qemu-kvm', true],
    ['qemu-img', false],
    ['kvm-nx-lpage-re', false],
    // NixOS, Guix; a wrapper of a wrapper.
    ['.qemu-system-x86_64-wrapped', true],
    ['.qemu-system-x86_64-real', true],
    ['qemu-system-aarch64-real', true],
    ['..qemu-system-x86_64-wrapped-wrapped', true],
    ['.qemu-kvm-wrapped', true],
    ['.kvm-real', true],
    ['.qemu-system-x8', true],
    ['.qemu-img-wrapped', false],
    // Kata Containers.
    ['qemu-lite-system-x86_64', true],
    ['qemu-vanilla-system-x86_64', true],
    ['qemu-storage-daemon', false],
    ['qemu-x86_64-static', false],
    ['kvm-unwrapped', false],
  ])('%s: %s', (program, expected) => {
    expect(isMonitorProgram(program)).toBe(expected)
  })
})

describe('explainOtherProgram', () => {
  it.each([
    ['cloud-hypervisor', undefined, /another hypervisor/],
    ['firecracker', 'firecracker', /another hypervisor/],
    ['firecracker-v1.7.0-x86_64', 'firecracker-v1.', /firecracker-v1.7.0-x86_64 is another hypervisor/],
    ['cloud-hypervisor-static', 'cloud-hyperviso', /another hypervisor/],
    ['cloud-hypervisor-static-aarch64', 'cloud-hyperviso', /another hypervisor/],
    ['.cloud-hypervisor-wrapped', '.cloud-hypervis', /another hypervisor/],
    ['lkvm-static', 'lkvm-static', /another hypervisor/],
    ['vmware-vmx-debug', 'vmware-vmx-debu', /another hypervisor/],
    ['my-qemu-system-x86_64', undefined, /not one of QEMU/],
    ['ld-linux-x86-64.so.2', 'qemu-system-x86', /is not QEMU/],
    ['python3.13', 'kvm', /is not QEMU/],
  ])('%s named %s', (program, comm, expected) => {
    expect(explainOtherProgram(program, comm)).toMatch(expected)
  })

  it.each([
    ['qemu-img', 'qemu-img'],
    ['qemu-nbd', 'qemu-nbd'],
    ['qemu-aarch64-static', 'qemu-aarch64-st'],
    ['bash', 'bash'],
    ['postgres', undefined],
    // Beside a hypervisor, and none.
    ['firecracker-containerd', 'firecracker-con'],
    ['cloud-hypervisor-ch-remote', 'cloud-hyperviso'],
    ['vmware-vmxnet', 'vmware-vmxnet'],
  ])('%s does not look like a hypervisor', (program, comm) => {
    expect(explainOtherProgram(program, comm)).toBeUndefined()
  })
})
