import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { readKsmdCpuSeconds } from './ksmd.ts'

const [kernelThread, program] = [2129984, 4194304]
const trees: string[] = []
afterEach(() => {
  for (const tree of trees.splice(0)) rmSync(tree, { recursive: true })
})

function hostWith(
  processes: Readonly<Record<number, readonly [comm: string, flags: number, ticks: number]>>,
) {
  const proc = mkdtempSync(join(tmpdir(), 'ksmd-'))
  trees.push(proc)
  for (const [pid, [comm, flags, ticks]] of Object.entries(processes)) {
    mkdirSync(join(proc, pid))
    writeFileSync(join(proc, pid, 'comm'), `${comm}\n`)
    writeFileSync(
      join(proc, pid, 'stat'),
      `${pid} (${comm}) S 2 0 0 0 -1 ${flags} 0 0 0 0 ${ticks} 0 0 0 25 5 1 0 68 0 0\n`,
    )
  }
  return { proc, sys: '/nowhere' }
}

it('tells ksmd from a program that somebody named so', async () => {
  const root = hostWith({ 40: ['ksmd', program, 9_000], 77: ['ksmd', kernelThread, 500] })
  expect(await readKsmdCpuSeconds(root)).toBe(5)
})

it('knows nothing of ksmd where only a program of its name is shown', async () => {
  expect(await readKsmdCpuSeconds(hostWith({ 40: ['ksmd', program, 9_000] }))).toBeUndefined()
})
