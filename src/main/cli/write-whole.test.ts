import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { assertWritable, writeWhole } from './write-whole.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'singleton-write-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const text = Buffer.from('report')

it('writes through no link of another user, neither of the file nor of its draft', () => {
  const theirs = join(folder, 'theirs')
  writeFileSync(theirs, 'precious')
  for (const name of ['report.html', 'report.html.part']) symlinkSync(theirs, join(folder, name))
  writeWhole(join(folder, 'report.html'), text)
  expect(readFileSync(theirs, 'utf8')).toBe('precious')
  expect(readFileSync(join(folder, 'report.html'), 'utf8')).toBe('report')
})

it('leaves nothing behind where the file cannot be put in its place', () => {
  mkdirSync(join(folder, 'report.html'))
  expect(() => writeWhole(join(folder, 'report.html'), text)).toThrow()
  expect(readdirSync(folder)).toEqual(['report.html'])
})

it('goes on where the redirection of a descriptor stands', () => {
  const path = join(folder, 'redirected')
  const fd = openSync(path, 'w')
  writeWhole(`/proc/self/fd/${fd}`, text)
  writeFileSync(fd, ', and what came after')
  closeSync(fd)
  expect(readFileSync(path, 'utf8')).toBe('report, and what came after')
})

it('puts no file in the place of a socket', async () => {
  const path = join(folder, 'socket')
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(path, resolve))
  expect(() => writeWhole(path, text)).toThrow(`cannot write ${path}: it is not a file`)
  await new Promise((resolve) => server.close(resolve))
})

it('writes to what is no file of a disk, and puts none in its place', () => {
  // Whoever is root could replace /dev/null, so a test had better take another.
  const fd = openSync(join(folder, 'stdout'), 'w')
  writeWhole(`/proc/self/fd/${fd}`, text)
  closeSync(fd)
  expect(readFileSync(join(folder, 'stdout'), 'utf8')).toBe('report')
  expect(readdirSync(folder)).toEqual(['stdout'])
})

it('tells beforehand what it could not write, and leaves nothing behind', () => {
  mkdirSync(join(folder, 'report.html'))
  expect(() => assertWritable(join(folder, 'report.html'))).toThrow('it is not a file')
  expect(() => assertWritable(join(folder, 'missing/report.html'))).toThrow(/^cannot write .*no such file/)
  for (const path of [join(folder, 'new.html'), '/dev/stdout', '/dev/null']) assertWritable(path)
  expect(readdirSync(folder)).toEqual(['report.html'])
})
