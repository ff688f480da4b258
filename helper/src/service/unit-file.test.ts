import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { programOfUnit, renderUnit } from './unit-file.ts'

const template = readFileSync(
  join(import.meta.dirname, '../../../resources/singleton-helper.service'),
  'utf8',
)
const hasAnalyze = spawnSync('systemd-analyze', ['--version']).status === 0
if (!hasAnalyze) console.warn('skipped: this machine has no systemd-analyze to read the unit')
const program = '/usr/local/libexec/singleton-helper/0a/singleton-helper'

describe('the unit', () => {
  it('runs the program that it is given, and tells it again', () => {
    const text = renderUnit(template, program)
    expect(text).toContain(`\nExecStart=${program} service run\n`)
    expect(text).toContain(`\nExecStopPost=-${program} service restore\n`)
    expect(text).not.toContain('@PROGRAM@')
    expect(programOfUnit(text)).toBe(program)
    expect(programOfUnit(template.replace('service run', 'other'))).toBeUndefined()
    expect(() => renderUnit(template.replace('service run', 'other'), program)).toThrow('does not start')
  })

  it.each(['/opt/100%/helper', '/opt/a b/helper', 'helper', '/opt/$HOME/helper', '/opt/a\nb'])(
    'is not written for %j, which systemd reads otherwise',
    (path) => expect(() => renderUnit(template, path)).toThrow('its own meaning'),
  )

  it.skipIf(!hasAnalyze)('is read by systemd without a complaint', () => {
    const folder = mkdtempSync(join(tmpdir(), 'singleton-unit-'))
    try {
      const path = join(folder, 'singleton-helper.service')
      writeFileSync(path, renderUnit(template, '/bin/true'))
      const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', path], {
        encoding: 'utf8',
      })
      expect([status, stderr.split('\n').filter((line) => line.includes(path))]).toEqual([0, []])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('takes back nothing without a reason in the line before', () => {
    const lines = template.split('\n')
    const takesBack =
      /^(ReadWritePaths|CapabilityBoundingSet|ProtectHome=read-only|ProcSubset|PrivateUsers|MemoryDenyWriteExecute|DeviceAllow|User|RestrictAddressFamilies|SystemCallFilter)/
    const exceptions = lines.flatMap((line, index) => (takesBack.test(line) ? [index] : []))
    expect(exceptions.length).toBeGreaterThan(8)
    const unexplained = exceptions.filter((index) => {
      const before = lines[index - 1] ?? ''
      // A group of lines has one reason.
      const group =
        takesBack.test(before) || /^(Private|Protect)/.test(before) ? (lines[index - 2] ?? '') : before
      return !before.startsWith('#') && !group.startsWith('#')
    })
    expect(unexplained.map((index) => lines[index])).toEqual([])
  })
})
