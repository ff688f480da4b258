import { describe, expect, it } from 'vitest'
import { maxCmdlineBytes, parseCmdline } from './cmdline.ts'

describe('parseCmdline', () => {
  it.each([
    ['', []],
    ['qemu\0-m\x00256\0', ['qemu', '-m', '256']],
    ['qemu\0\0x\0', ['qemu', '', 'x']],
    ['renamed itself', ['renamed itself']],
  ])('of %j', (text, args) => {
    expect(parseCmdline(Buffer.from(text))).toEqual({ args, isCut: false })
  })

  it('leaves out the argument that is cut off, and says so', () => {
    const bytes = Buffer.from(`qemu\0-name\0${'x'.repeat(maxCmdlineBytes)}`).subarray(0, maxCmdlineBytes + 1)
    expect(parseCmdline(bytes)).toEqual({ args: ['qemu', '-name'], isCut: true })
  })
})
