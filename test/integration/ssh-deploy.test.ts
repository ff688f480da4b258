// The real helper over real sshd: uploaded once, run after that, and observe mode kept by the helper itself.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openLink, rootAt } from '../beds/sshd/connect.ts'
import { fileSshd } from '../beds/sshd/file-sshd.ts'

const helperDirectory = join(import.meta.dirname, '../../resources/helper')
const isBuilt = existsSync(join(helperDirectory, 'manifest.json'))
const host = fileSshd()

const request = () => ({ address: rootAt(host.sshd), home: host.home, helperDirectory })

const isUpload = (step: string) => /^uploading helper \d+\.\d of \d+ MiB$/.test(step)

if (!isBuilt) it('the real helper', (context) => context.skip('it is not built: npm run build:helper'))

describe.runIf(isBuilt)('the real helper', () => {
  it('leaves nothing behind when its upload is cancelled', async () => {
    const controller = new AbortController()
    const opening = openLink({
      ...request(),
      signal: controller.signal,
      onStep: (step) => {
        if (isUpload(step)) controller.abort()
      },
    })
    await expect(opening).rejects.toMatchObject({ code: 'cancelled' })
    const base = join(host.sshd.home, '.cache/singleton-workbench')
    await expect.poll(() => existsSync(join(base, '.lock'))).toBe(false)
    const { buildDigest } = JSON.parse(readFileSync(join(helperDirectory, 'manifest.json'), 'utf8'))
    expect(existsSync(join(base, buildDigest, 'singleton-helper'))).toBe(false)
  })

  it('is uploaded with progress, says hello and keeps to observe mode', async () => {
    const link = await openLink(request())
    expect(link.steps.filter(isUpload).length).toBeGreaterThan(1)
    expect(link.hello).toMatchObject({ readOnly: true, uid: 0, protocol: 1 })
    await expect(link.call('ksm/stop', {})).rejects.toMatchObject({ code: 'read-only' })
    await link.close()
  })

  it('is only started the second time', async () => {
    const link = await openLink(request())
    expect(link.steps.filter(isUpload)).toEqual([])
    expect(link.hello.protocol).toBe(1)
    await link.close()
    expect(await link.closed).toMatchObject({ code: 'cancelled' })
  })
})
