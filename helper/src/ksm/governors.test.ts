import { type ChildProcess, spawn } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type FixtureHost, makeFixtureHost } from '../../../test/fakes/ksm-fixture-host.ts'
import type { ChangeContext } from '../changes/change.ts'
import { restoreKsm } from './restore-ksm.ts'
import { startKsm } from './switch-ksm.ts'

let host: FixtureHost
let context: ChangeContext
let folder: string
let ksmtuned: ChildProcess

// A real process by that name beside the KSM folder of a fixture.
beforeEach(() => {
  host = makeFixtureHost('linux-6.18')
  context = { ...host.context, root: { ...host.context.root, proc: '/proc' } }
  folder = mkdtempSync(join(tmpdir(), 'governor-'))
  copyFileSync('/bin/sleep', join(folder, 'ksmtuned'))
  ksmtuned = spawn(join(folder, 'ksmtuned'), ['60'])
})
afterEach(() => {
  ksmtuned.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
  host.remove()
})

function state(): string | undefined {
  return /^State:\t(\w)/m.exec(readFileSync(`/proc/${ksmtuned.pid}/status`, 'utf8'))?.[1]
}

describe('taking over from ksmtuned', () => {
  it('refuses unless asked, pauses it when asked, and lets it continue at restore', async () => {
    await expect.poll(state).toBe('S')
    const failure = { code: 'busy', message: expect.stringContaining(`ksmtuned (process ${ksmtuned.pid})`) }
    await expect(startKsm(context, {})).rejects.toMatchObject(failure)
    expect(state()).toBe('S')
    await startKsm(context, { takeOver: true })
    await expect.poll(state).toBe('T')
    await restoreKsm(context)
    await expect.poll(state).toBe('S')
  })
})
