import {
  chmodSync,
  chownSync,
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
import { makePrivateFolder, openState, readState, writeDurably } from './state-folders.ts'

const isRoot = process.getuid?.() === 0
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'singleton-state-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

describe('a private folder', () => {
  it('is made with mode 700, with those above it', () => {
    const path = join(folder, 'a', 'b')
    makePrivateFolder(path)
    makePrivateFolder(path)
    expect([path, join(folder, 'a')].map((made) => statSync(made).mode & 0o7777)).toEqual([0o700, 0o700])
  })

  it('is never a link that another user put there, and nothing of its target is changed', () => {
    const target = join(folder, 'target')
    mkdirSync(target, { mode: 0o755 })
    symlinkSync(target, join(folder, 'state'))
    expect(() => makePrivateFolder(join(folder, 'state'))).toThrow(/it is a link/)
    expect(statSync(target).mode & 0o777).toBe(0o755)
    expect(() => writeDurably(join(folder, 'state', 'journal.json'), 'x')).toThrow(/it is a link/)
    expect(existsSync(join(target, 'journal.json'))).toBe(false)
  })

  it('is not made through a link that leads nowhere', () => {
    symlinkSync(join(folder, 'nowhere'), join(folder, 'state'))
    expect(() => makePrivateFolder(join(folder, 'state'))).toThrow(/it is a link/)
    expect(existsSync(join(folder, 'nowhere'))).toBe(false)
  })

  it('is not one that others may write to, nor in a folder that they can change', () => {
    const open = join(folder, 'open')
    mkdirSync(open)
    chmodSync(open, 0o777)
    expect(() => makePrivateFolder(open)).toThrow(/others may write to it/)
    expect(() => makePrivateFolder(join(open, 'state'))).toThrow(/other users can change it/)
    expect(existsSync(join(open, 'state'))).toBe(false)
    chmodSync(open, 0o1777)
    makePrivateFolder(join(open, 'state'))
  })

  it.skipIf(!isRoot)('is not one of another user (needs root)', () => {
    const other = join(folder, 'other')
    mkdirSync(other, { mode: 0o700 })
    chownSync(other, 12_345, 12_345)
    expect(() => makePrivateFolder(other)).toThrow(/it belongs to user 12345/)
    expect(() => makePrivateFolder(join(other, 'state'))).toThrow(/other users can change it/)
  })
})

describe('a file in it', () => {
  it('is read as a whole, and absent where it is not there', () => {
    writeDurably(join(folder, 'journal.json'), 'text')
    expect(readState(join(folder, 'journal.json'))).toBe('text')
    expect(readState(join(folder, 'none'))).toBeUndefined()
  })

  it('is never reached by a link', () => {
    const target = join(folder, 'target')
    writeFileSync(target, 'secret')
    symlinkSync(target, join(folder, 'link'))
    expect(() => readState(join(folder, 'link'))).toThrow(/ELOOP/)
    expect(() => openState(join(folder, 'link'), 1)).toThrow(/ELOOP/)
    expect(readFileSync(target, 'utf8')).toBe('secret')
  })

  it('is a plain file', () => {
    mkdirSync(join(folder, 'sub'))
    expect(() => readState(join(folder, 'sub'))).toThrow(/it is not a plain file/)
  })
})
