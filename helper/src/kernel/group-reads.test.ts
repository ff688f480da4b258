import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  groupReadsBetween,
  parseBlkioGroup,
  parseIoStat,
  parseServiced,
  readGroupReads,
} from './group-reads.ts'

describe('counts of a group', () => {
  it('are those of reads, by disk', () => {
    const unified = '253:0 rbytes=8192 wbytes=0 rios=2 wios=7 dbytes=0 dios=0\n8:16 \n'
    expect(parseIoStat(unified)).toEqual(new Map([['253:0', 2]]))
    const serviced = '254:0 Read 12\n254:0 Write 3\n254:0 Total 15\nTotal 15\n'
    expect(parseServiced(serviced)).toEqual(new Map([['254:0', 12]]))
  })

  it.each([
    ['9:name=systemd:/\n7:blkio:/a:b\n', '/a:b'],
    ['0::/machine.slice\n', undefined],
  ])('of %j', (text, path) => expect(parseBlkioGroup(text)).toBe(path))
})

describe('reads between two readings', () => {
  const reading = (reads: number) => new Map([['/g', new Map([['254:0', reads]])]])
  it.each([
    ['are counted for the disks asked for', reading(5), reading(9), ['254:0', '254:0', '8:0'], 4],
    ['are none of other disks', reading(5), reading(9), ['8:0'], 0],
    ['are not known where groups differ', new Map([['/h', new Map()]]), reading(9), ['254:0'], undefined],
    ['are not known before the second', undefined, reading(9), ['254:0'], undefined],
  ])('%s', (_, before, now, disks, expected) => {
    expect(groupReadsBetween(before, now, disks)).toBe(expected)
  })
})

describe('the groups of processes', () => {
  it.each([
    [
      'of cgroup v1',
      '7:blkio:/g\n0::/\n',
      { 'blkio/g/blkio.throttle.io_serviced': '254:0 Read 12' },
      'blkio/g',
    ],
    ['of cgroup v2', '0::/g\n', { 'g/cgroup.type': 'domain', 'g/io.stat': '254:0 rbytes=1 rios=12' }, 'g'],
    ['not of the root group', '7:blkio:/\n0::/\n', {}, undefined],
    ['not where nothing is counted', '0::/g\n', { 'g/cgroup.type': 'domain' }, undefined],
  ])('are read: %s', async (_, cgroup, files, folder) => {
    const top = mkdtempSync(join(tmpdir(), 'group-reads-'))
    const root = { proc: join(top, 'proc'), sys: join(top, 'sys') }
    const write = (path: string, text: string) => {
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, `${text}\n`)
    }
    try {
      write(join(root.proc, '7/cgroup'), cgroup)
      for (const [file, text] of Object.entries(files)) write(join(root.sys, 'fs/cgroup', file), text)
      const expected = folder && new Map([[join(root.sys, 'fs/cgroup', folder), new Map([['254:0', 12]])]])
      expect(await readGroupReads(root, [7])).toEqual(expected)
    } finally {
      rmSync(top, { recursive: true })
    }
  })
})
