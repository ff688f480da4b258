import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { withClaim } from '../state-files/claim.ts'
import { findKeeper } from '../state-files/keeper.ts'
import { RolloutFile } from './rollout-file.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'singleton-rollout-file-'))
  writeFileSync(join(folder, 'rollouts.json'), JSON.stringify({ version: 1, rollouts: [] }))
})
afterEach(() => rmSync(folder, { recursive: true }))

const fail = (error: Error): never => {
  throw error
}
const open = () => new RolloutFile(folder, fail)
const same = <T>(kept: T): T => kept
const go = () => join(folder, 'go')
const claim = () => join(folder, 'rollouts.json.claim')
const keeperOfFile = () => JSON.parse(readFileSync(join(folder, 'rollouts.json'), 'utf8')).keeper

/** A workbench's process that takes over once there is `go`, says whether it has, and stays until it is ended. */
function openContender(): { child: ChildProcess; lines: AsyncIterator<string> } {
  const program = `
    const { RolloutFile } = await import(${JSON.stringify(join(import.meta.dirname, 'rollout-file.ts'))})
    const { existsSync } = await import('node:fs')
    const file = new RolloutFile(${JSON.stringify(folder)}, (error) => { throw error })
    process.stdin.resume()
    console.log('ready')
    setTimeout(async () => {
      while (!existsSync(${JSON.stringify(go())})) continue
      const { isTaken } = await file.takeOver((kept) => kept)
      console.log(isTaken ? 'taken by another' : 'keeps')
    }, 0)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  return { child, lines: createInterface(child.stdout)[Symbol.asyncIterator]() }
}

describe.skipIf(process.platform !== 'linux')('roll-outs that are taken over', () => {
  it('are kept by one of several workbenches that come at one moment', { timeout: 60_000 }, async () => {
    const contenders = Array.from({ length: 6 }, openContender)
    try {
      for (const { lines } of contenders) expect((await lines.next()).value).toBe('ready')
      writeFileSync(go(), '')
      const said = await Promise.all(contenders.map(async ({ lines }) => (await lines.next()).value))
      expect(said.filter((line) => line === 'keeps')).toHaveLength(1)
      expect(keeperOfFile().pid).toBe(contenders[said.indexOf('keeps')]?.child.pid)
      expect(readdirSync(folder).toSorted()).toEqual(['go', 'rollouts.json'])
    } finally {
      for (const { child } of contenders) child.kill()
    }
  })

  it('are left to a process that decides at this moment, and not to one that ended while it did', async () => {
    const other = spawn('sleep', ['60'])
    try {
      writeFileSync(claim(), JSON.stringify(await findKeeper(other.pid)))
      expect((await open().takeOver(same)).isTaken).toBe(true)
      writeFileSync(claim(), JSON.stringify({ pid: other.pid, startTicks: '1' }))
      expect((await open().takeOver(same)).isTaken).toBe(false)
      expect(keeperOfFile().pid).toBe(process.pid)
    } finally {
      other.kill()
    }
  })

  it('are decided on by one at a time within a process, too', async () => {
    await withClaim(claim(), async () => {
      expect((await open().takeOver(same)).isTaken).toBe(true)
    })
    expect((await open().takeOver(same)).isTaken).toBe(false)
  })
})
