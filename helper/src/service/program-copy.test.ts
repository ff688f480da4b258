import { createHash } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { checkCopy, copyProgram, removeCopies } from './program-copy.ts'

const text = '#!/bin/sh\nexit 0\n'
const digest = createHash('sha256').update(text).digest('hex')
let folder: string
let source: string
let base: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'service-program-'))
  source = join(folder, 'helper')
  base = join(folder, 'lib')
  writeFileSync(source, text)
})
afterEach(() => rmSync(folder, { recursive: true }))

describe('copies of the program', () => {
  it('lie in a folder named after their content, for their user only', () => {
    const copy = copyProgram(source, [join(folder, 'missing/lib'), base])
    expect(copy).toBe(join(base, digest, 'singleton-helper'))
    expect(readFileSync(copy, 'utf8')).toBe(text)
    expect([statSync(copy).mode & 0o777, statSync(base).mode & 0o777]).toEqual([0o700, 0o700])
    expect(existsSync(join(folder, 'missing'))).toBe(false)
    expect(copyProgram(source, [base])).toBe(copy)
  })

  it('are made anew where they were changed', () => {
    const copy = copyProgram(source, [base])
    writeFileSync(copy, 'other')
    expect(readFileSync(copyProgram(source, [base]), 'utf8')).toBe(text)
  })

  it('go to the next folder where others may write, or where the program does not run', () => {
    mkdirSync(base)
    chmodSync(base, 0o777)
    const next = join(folder, 'next')
    expect(copyProgram(source, [base, next])).toBe(join(next, digest, 'singleton-helper'))
    writeFileSync(source, '#!/bin/sh\nexit 1\n')
    expect(() => copyProgram(source, [next])).toThrow('cannot install the service')
  })

  it('are removed except for those that are kept, and nothing else is', () => {
    const kept = copyProgram(source, [base])
    writeFileSync(source, `${text}# other\n`)
    const gone = copyProgram(source, [base])
    mkdirSync(join(base, 'versions'))
    removeCopies([base, join(folder, 'none')], [kept])
    expect([existsSync(kept), existsSync(gone)]).toEqual([true, false])
    removeCopies([base], [])
    expect(existsSync(join(base, 'versions'))).toBe(true)
    rmSync(join(base, 'versions'), { recursive: true })
    removeCopies([base], [])
    expect(existsSync(base)).toBe(false)
  })

  it('are not looked for behind a link, or where others may write', () => {
    // As container runtimes name what they keep.
    const others = join(folder, 'containers')
    const theirs = join(others, digest)
    mkdirSync(theirs, { recursive: true })
    symlinkSync(others, base)
    const open = join(folder, 'open')
    mkdirSync(join(open, digest), { recursive: true })
    chmodSync(open, 0o777)
    removeCopies([base, open], [])
    expect([theirs, base, join(open, digest)].map((path) => existsSync(path))).toEqual([true, true, true])
  })

  it('are checked before one is run again', () => {
    const copy = copyProgram(source, [base])
    expect(() => checkCopy(copy, [base])).not.toThrow()
    expect(() => checkCopy(copy, [join(folder, 'next')])).toThrow('not the program that was installed there')
    writeFileSync(copy, 'other')
    expect(() => checkCopy(copy, [base])).toThrow('not the program that was installed there')
    rmSync(copy)
    symlinkSync('/bin/sh', copy)
    expect(() => checkCopy(copy, [base])).toThrow('not the program that was installed there')
  })
})
