import { constants } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseOpenFlags } from './fdinfo.ts'

const octal = (flags: number) => `pos:\t0\nflags:\t0${flags.toString(8)}\nmnt_id:\t29\n`

describe('parseOpenFlags', () => {
  it.each([
    [constants.O_RDONLY, { readable: true, writable: false, direct: false, append: false, pathOnly: false }],
    [
      constants.O_WRONLY | constants.O_APPEND,
      { readable: false, writable: true, direct: false, append: true, pathOnly: false },
    ],
    [
      constants.O_RDWR | constants.O_DIRECT,
      { readable: true, writable: true, direct: true, append: false, pathOnly: false },
    ],
    [0o10000000, { readable: true, writable: false, direct: false, append: false, pathOnly: true }],
  ])('reads %o', (flags, expected) => {
    expect(parseOpenFlags(octal(flags))).toEqual(expected)
  })

  it('refuses a file without flags', () => {
    expect(() => parseOpenFlags('pos:\t0\n')).toThrow('it has no flags')
  })
})
