import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import type { Guest } from '../guests/guests.ts'
import { GuestReadsFollower } from './guest-reads.ts'

const proc = mkdtempSync(join(tmpdir(), 'guest-reads-'))
afterAll(() => rmSync(proc, { recursive: true }))

const guest = (pid: number): Guest => ({
  pid,
  name: `guest ${pid}`,
  args: [],
  credentials: { uid: 0, gid: 0, groups: [], readsAll: true },
})

function haveRead(pid: number, rchar: number, readBytes: number): void {
  mkdirSync(join(proc, `${pid}`), { recursive: true })
  writeFileSync(join(proc, `${pid}/io`), `rchar: ${rchar}\nread_bytes: ${readBytes}\n`)
}

it('follows the other guests where the reads of one cannot be read, and says so', async () => {
  const said: string[] = []
  const follower = new GuestReadsFollower({ proc, sys: '/nowhere' }, (line) => said.push(line))
  // Reading it fails, as where a security module refuses it.
  mkdirSync(join(proc, '7/io'), { recursive: true })
  const guests = [guest(7), guest(8)]
  haveRead(8, 1000, 100)
  expect(await follower.readSince(guests, [])).toEqual([])
  haveRead(8, 5000, 300)
  expect(await follower.readSince(guests, [])).toEqual([
    { name: 'guest 8', images: [], fetchedBytes: 200, askedBytes: 4000 },
  ])
  expect(said).toEqual([expect.stringMatching(/7\/io.*EISDIR/), expect.stringMatching(/7\/io.*EISDIR/)])
})
