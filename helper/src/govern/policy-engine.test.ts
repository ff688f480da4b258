import { chownSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { defaultPolicy } from '../../../src/shared/policies/policy-file.ts'
import { type FixtureHost, makeFixtureHost } from '../../../test/fakes/ksm-fixture-host.ts'
import { auditPath } from '../changes/audit.ts'
import { makePrivateFolder } from '../changes/state-folders.ts'
import { applyKsmActions } from './ksm-actions.ts'
import { PolicyEngine } from './policy-engine.ts'

const isRoot = process.getuid?.() === 0

describe('the engine', () => {
  let host: FixtureHost
  beforeEach(() => {
    host = makeFixtureHost('linux-6.18')
  })
  afterEach(() => host.remove())
  const engine = () =>
    new PolicyEngine({
      context: host.context,
      mode: 'service',
      onRound: () => undefined,
      say: () => undefined,
    })

  it.each([false, true])(
    'puts back what a killed one left, where nothing new can be recorded; hand-over: %s',
    async (adopts) => {
      await applyKsmActions(host.context, [{ kind: 'scan', pagesToScan: 20_000, sleepMillisecs: 10 }])
      expect(host.read('run')).toBe('1')
      // Stands for a full disk: no line can be appended to a folder.
      rmSync(auditPath(host.context.folders))
      mkdirSync(auditPath(host.context.folders))
      await expect(engine().start(defaultPolicy(), { adopts })).rejects.toThrow(/audit\.jsonl/)
      expect(host.read('run')).toBe('0')
      expect(host.logged.join('\n')).toContain('not recorded')
    },
  )

  it.skipIf(!isRoot)(
    'says that the holder is unknown to who may not see the lock, not that there is none',
    async () => {
      const { folders } = host.context
      makePrivateFolder(folders.run)
      writeFileSync(join(folders.run, 'lock'), '{}')
      expect(await engine().status()).toEqual({})
      // A file of another user stands for the one of root's that others cannot open.
      chownSync(join(folders.run, 'lock'), 12_345, 12_345)
      expect(await engine().status()).toEqual({ holderUnknown: expect.stringContaining('lock') })
      await expect(engine().stop()).rejects.toMatchObject({
        code: 'not-permitted',
        message: expect.stringContaining('holder unknown'),
      })
    },
  )
})
