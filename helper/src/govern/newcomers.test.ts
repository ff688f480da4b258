import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Guest } from '../guests/guests.ts'
import { Newcomers } from './newcomers.ts'

const guest = (pid: number): Guest => ({
  ...{ pid, name: `guest ${pid}`, args: [] },
  credentials: { uid: 0, gid: 0, groups: [], readsAll: true },
})

let root: { readonly proc: string; readonly sys: string }
beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), 'newcomers-'))
  root = { proc: folder, sys: folder }
})
afterEach(() => rmSync(root.proc, { recursive: true }))

function start(pid: number, program: string): void {
  const folder = join(root.proc, String(pid))
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  symlinkSync(program, join(folder, 'exe'))
}

describe('guests that are started between two looks', () => {
  const qemu = '/usr/bin/qemu-system-x86_64'

  it('are told once each, and those of the roster are not', async () => {
    const newcomers = new Newcomers(root)
    start(1, qemu)
    start(2, '/bin/sh')
    expect(await newcomers.find([guest(1)], 100)).toBe(false)
    start(3, qemu)
    expect(await newcomers.find([guest(1)], 200)).toBe(true)
    expect(await newcomers.find([guest(1)], 300)).toBe(false)
  })

  it('are looked for five times a second at most', async () => {
    const newcomers = new Newcomers(root)
    expect(await newcomers.find([], 100)).toBe(false)
    start(3, `${qemu} (deleted)`)
    expect(await newcomers.find([], 100.1)).toBe(false)
    expect(await newcomers.find([], 200)).toBe(true)
  })

  it('are told when the fork of another program becomes one, for some seconds', async () => {
    const newcomers = new Newcomers(root)
    for (const pid of [4, 5]) start(pid, '/usr/sbin/libvirtd')
    expect(await newcomers.find([], 100)).toBe(false)
    start(4, qemu)
    expect(await newcomers.find([], 200)).toBe(true)
    for (let look = 3; look <= 25; look += 1) expect(await newcomers.find([], look * 100)).toBe(false)
    start(5, qemu)
    expect(await newcomers.find([], 2600)).toBe(false)
  })

  it('are none where a program has gone or cannot be read', async () => {
    mkdirSync(join(root.proc, '6'))
    expect(await new Newcomers(root).find([], 1)).toBe(false)
  })
})
