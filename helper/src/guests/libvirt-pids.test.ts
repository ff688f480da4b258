import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readLibvirtPids } from './libvirt-pids.ts'

const isRoot = process.geteuid?.() === 0
if (!isRoot)
  console.warn("skipped: libvirt's records are believed where root owns them, and only root makes such files")

describe.skipIf(!isRoot)('readLibvirtPids', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'singleton-libvirt-pids-'))
    chmodSync(folder, 0o755)
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))
  const record = (name: string, text: string) => {
    writeFileSync(join(folder, name), text, { mode: 0o644 })
    return join(folder, name)
  }

  it("believes root's own records, one by one", () => {
    record('web.pid', '4711\n')
    record('db.pid', '12')
    record('db.xml', '99')
    chownSync(record('of-a-user.pid', '20'), 1000, 1000)
    chmodSync(record('open.pid', '21'), 0o666)
    symlinkSync(record('target', '22'), join(folder, 'link.pid'))
    execFileSync('mkfifo', ['-m', '600', join(folder, 'fifo.pid')])
    mkdirSync(join(folder, 'folder.pid'))
    for (const [index, text] of ['', '0', '-1', '1e3', '0x10', '12 13', `1${'0'.repeat(20)}`].entries())
      record(`wrong-${index}.pid`, text)
    expect([...readLibvirtPids(folder)].sort()).toEqual([12, 4711])
  })

  it.each<[string, () => void]>([
    ['is missing', () => rmSync(folder, { recursive: true })],
    ['belongs to a user', () => chownSync(folder, 1000, 1000)],
    ['lets others write', () => chmodSync(folder, 0o777)],
  ])('believes nothing where its folder %s', (_, change) => {
    record('web.pid', '4711\n')
    change()
    expect(readLibvirtPids(folder).size).toBe(0)
  })

  it('believes nothing behind a link that stands for its folder', () => {
    record('web.pid', '4711\n')
    symlinkSync(folder, `${folder}-link`)
    expect(readLibvirtPids(`${folder}-link`).size).toBe(0)
    rmSync(`${folder}-link`)
  })
})
