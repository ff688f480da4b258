import { describe, expect, it } from 'vitest'
import { guestName, isMonitorProgram, namesDisk } from './qemu-command-line.ts'

describe('guestName', () => {
  it.each([
    [['qemu', '-name', 'guest=web,debug-threads=on'], 'web'],
    [['qemu', '-name', 'web'], 'web'],
    [['qemu', '--name', 'web,process=x'], 'web'],
    [['qemu', '-name', 'guest=a,,b'], 'a,b'],
    [['qemu', '-name', 'debug-threads=on'], undefined],
    [['qemu', '-name'], undefined],
    [['qemu'], undefined],
  ])('of %j is %s', (args, expected) => {
    expect(guestName(args)).toBe(expected)
  })
})

describe('isMonitorProgram', () => {
  it.each([
    ['qemu-system-x86_64', true],
    ['qemu-system-x86', true],
    ['kvm', true],
    ['qemu-kvm', true],
    ['qemu-img', false],
    ['kvm-nx-lpage-re', false],
  ])('%s: %s', (program, expected) => {
    expect(isMonitorProgram(program)).toBe(expected)
  })
})

describe('namesDisk', () => {
  it.each([
    [['-drive', 'file=/a.raw,if=none'], '/a.raw', true],
    [['-blockdev', '{"driver":"file","filename":"/a.raw"}'], '/a.raw', true],
    [['-drive', 'file=/a,,b.raw'], '/a,b.raw', true],
    [['-pidfile', '/a.raw'], '/a.raw', false],
    [['-serial', 'file:/a.raw'], '/a.raw', false],
  ])('%j and %s: %s', (args, path, expected) => {
    expect(namesDisk(args, path)).toBe(expected)
  })
})
