import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { findGuests } from './guests.ts'

const folder = mkdtempSync(join(tmpdir(), 'singleton-guests-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function addProcess(pid: number, comm: string, program?: string): void {
  const path = join(folder, 'proc', String(pid))
  mkdirSync(path, { recursive: true })
  writeFileSync(join(path, 'comm'), `${comm}\n`)
  // Not a link: reading it fails as that of a path does that is longer than a page.
  if (program === undefined) writeFileSync(join(path, 'exe'), '')
  else symlinkSync(program, join(path, 'exe'))
}

it('looks past a program that cannot be read, and takes no such process for a guest by its name', async () => {
  addProcess(7, 'sleep')
  addProcess(8, 'qemu-system-x86')
  addProcess(9, 'firecracker', '/usr/bin/firecracker')
  const { guests, unreadable } = await findGuests({ proc: join(folder, 'proc'), sys: join(folder, 'sys') })
  expect(guests).toEqual([])
  expect(unreadable.map(({ problem }) => problem.message)).toEqual([
    expect.stringMatching(
      /process 8 looks like a guest, left out, because its program cannot be read: EINVAL/,
    ),
    expect.stringMatching(
      /process 9 looks like a guest, left out, because firecracker is another hypervisor/,
    ),
  ])
})
