import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { parsePolicyFile } from '../../../src/shared/policies/policy-file.ts'
import { LiveHost } from './live-host.ts'

const mocked = vi.hoisted(() => ({
  priorities: [] as ('idle' | 'normal')[],
  measured: Promise.withResolvers<never>(),
}))
vi.mock('../kernel/scheduling.ts', () => ({
  setIdlePriority: (idle: boolean) => mocked.priorities.push(idle ? 'idle' : 'normal'),
}))
// Memory of its own comes from the C library, which unit tests do without.
vi.mock('./content-turnover.ts', () => ({ ContentTurnover: class {} }))
vi.mock('./measure-host.ts', () => ({ measureHost: () => mocked.measured.promise }))

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'singleton-live-host-'))
  for (const folder of ['proc', 'sys', 'state', 'run']) mkdirSync(join(root, folder))
  mocked.priorities = []
  mocked.measured = Promise.withResolvers<never>()
})
afterEach(() => rmSync(root, { recursive: true }))

it.each([
  ['looks', (host: LiveHost) => host.observe({ ksm: true })],
  ['evicts', (host: LiveHost) => host.evict([])],
  ['reads back', (host: LiveHost) => host.readBack(1)],
  ['changes KSM', (host: LiveHost) => host.applyKsm([{ kind: 'stop' }])],
])('%s at normal priority while it measures at idle priority', async (_name, act) => {
  const host = new LiveHost(
    {
      root: { proc: join(root, 'proc'), sys: join(root, 'sys') },
      folders: { state: join(root, 'state'), run: join(root, 'run') },
      actor: { who: 'anna', from: 'here' },
      log: () => undefined,
    },
    parsePolicyFile('{"ksm":{"mode":"govern"}}'),
  )
  const measuring = host.measure(new AbortController().signal)
  await expect.poll(() => mocked.priorities).toEqual(['idle'])
  // This host has neither memory nor KSM to read: what is asked may fail, at the priority all the same.
  await Promise.allSettled([act(host)])
  expect(mocked.priorities).toEqual(['idle', 'normal', 'idle'])
  mocked.measured.reject(new Error('ended'))
  await expect(measuring).rejects.toThrow('ended')
  expect(mocked.priorities.at(-1)).toBe('normal')
})
