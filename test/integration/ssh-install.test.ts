// The helper put on a host over real sshd: where, how often, and what is left of it.
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { uninstallHelperFrom } from '../../src/main/helper-link/helper-link.ts'
import { linkOptions, rootAt } from '../beds/sshd/connect.ts'
import { privateVarTmp } from '../beds/sshd/private-tmp.ts'
import { standInHost } from '../beds/sshd/stand-in-host.ts'
import { runCli } from '../run-cli.ts'

const host = standInHost({ prepare: privateVarTmp })
const cache = () => join(host.sshd.home, '.cache/singleton-workbench')
const isUpload = (step: string) => step.startsWith('uploading helper')

describe('deploying', () => {
  it('uploads once, with mode 700 in a folder per build, and then only runs it', async () => {
    const standIn = host.standIn('honest')
    const first = await host.link(standIn)
    expect(first.steps.some(isUpload)).toBe(true)
    expect(first.hello).toMatchObject({ readOnly: true, uid: 0 })
    const installed = join(cache(), standIn.digest, 'singleton-helper')
    expect(statSync(installed).mode & 0o7777).toBe(0o700)
    expect(statSync(join(cache(), standIn.digest)).mode & 0o7777).toBe(0o700)
    expect(readdirSync(join(cache(), standIn.digest))).toEqual(['singleton-helper'])
    expect(existsSync(join(cache(), '.lock'))).toBe(false)
    await first.close()
    const second = await host.link(standIn, { readOnly: false })
    expect(second.steps.some(isUpload)).toBe(false)
    expect(second.hello.readOnly).toBe(false)
  })

  it('gives the helper an environment of its own, with the SSH connection in it', async () => {
    const { hello } = await host.link(host.standIn('honest'))
    const environment = JSON.parse(hello.limits[0] ?? '{}')
    expect(environment.SSH_CONNECTION).toContain('127.0.0.1')
    expect(Object.keys(environment).filter((name) => name.startsWith('BUN'))).toEqual([])
  })

  it('installs anew, once, when what lies there is something else', async () => {
    const standIn = host.standIn('honest')
    const folder = join(cache(), standIn.digest)
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    writeFileSync(
      join(folder, 'singleton-helper'),
      '#!/bin/sh\necho singleton-helper 1 deadbeefdeadbeef\ncat\n',
      { mode: 0o700 },
    )
    const link = await host.link(standIn)
    expect(link.steps.filter((step) => step === 'starting the helper')).toHaveLength(2)
    expect(link.steps.some(isUpload)).toBe(true)
  })

  it('does not run a helper that others could have replaced', async () => {
    const standIn = host.standIn('honest')
    const folder = join(cache(), standIn.digest)
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    writeFileSync(join(folder, 'singleton-helper'), '#!/bin/sh\nexit 9\n', { mode: 0o777 })
    await host.run(`chmod 777 /root/.cache/singleton-workbench/${standIn.digest}`)
    const link = await host.link(standIn)
    expect(link.steps.some(isUpload)).toBe(true)
  })

  it('takes the next place where programs may not be run, or the disk is full, and says which', async () => {
    const standIn = host.standIn('honest')
    const tiny = 'size=4k'
    for (const [mount, reason] of [
      ['noexec', /\.cache\/singleton-workbench: programs may not be run there/],
      [tiny, /\.cache\/singleton-workbench: .*(free|space)/i],
    ] as const) {
      // The namespace of the running sshd: a mount made over SSH stays there.
      await host.run(`mkdir -p /root/.cache && mount -t tmpfs -o ${mount} tmpfs /root/.cache`)
      const link = await host.link(standIn)
      expect(link.log.join('\n')).toMatch(reason)
      expect(link.log.join('\n')).toContain('/var/tmp/singleton-workbench-0')
      await link.close()
      await host.run('umount /root/.cache; rm -rf /var/tmp/singleton-workbench-0')
    }
  })

  it('waits for another workbench that installs, and takes over a lock whose owner is gone', async () => {
    const standIn = host.standIn('honest')
    await host.run(
      `mkdir -p /root/.cache/singleton-workbench/.lock; chmod 700 /root/.cache/singleton-workbench; echo "999999 $(cat /proc/sys/kernel/random/boot_id)" >/root/.cache/singleton-workbench/.lock/owner`,
    )
    const after = await host.link(standIn)
    expect(after.steps.some(isUpload)).toBe(true)
    await after.close()
    const other = host.standIn('honest')
    await host.run(
      `mkdir /root/.cache/singleton-workbench/.lock; (echo "$$ $(cat /proc/sys/kernel/random/boot_id)" >/root/.cache/singleton-workbench/.lock/owner)`,
    )
    const [one, two] = await Promise.all([host.link(other), host.link(other)])
    expect([one, two].flatMap(({ steps }) => steps).some(isUpload)).toBe(true)
    expect(existsSync(join(cache(), '.lock'))).toBe(false)
  })

  it('leaves nothing behind after uninstalling', async () => {
    const standIn = host.standIn('honest')
    await (await host.link(standIn)).close()
    const { removed } = await uninstallHelperFrom(
      linkOptions({ address: rootAt(host.sshd), home: host.home, helperDirectory: standIn.directory }),
    )
    expect(removed).toContain('/root/.cache/singleton-workbench')
    expect(existsSync(cache())).toBe(false)
  })

  it('is uninstalled by the command line, which says what went and writes it down', async () => {
    const address = rootAt(host.sshd)
    const link = await host.link(host.standIn('honest'))
    await (await host.link(host.standIn('honest'))).close()
    const { code, stdout, stderr } = await runCli(host.home.path, ['hosts', 'uninstall', address, '--yes'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain(`${address}: removed /root/.cache/singleton-workbench`)
    expect(stdout.includes('kept /var/lib/singleton-helper')).toBe(existsSync('/var/lib/singleton-helper'))
    expect(existsSync(cache())).toBe(false)
    await link.close()
    const trail = readFileSync(join(host.home.path, 'data/audit.jsonl'), 'utf8').trim().split('\n')
    expect(trail.map((line) => JSON.parse(line))).toMatchObject([
      { action: 'uninstall helper', host: address, target: '/root/.cache/singleton-workbench' },
    ])
    const again = await runCli(host.home.path, ['hosts', 'uninstall', address, '--yes'])
    expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('it was not installed') })
  })

  it('is not uninstalled while the service is installed: that would go on without it', async () => {
    const address = rootAt(host.sshd)
    await (await host.link(host.standIn('honest'))).close()
    const units = '/etc/systemd/system'
    await host.run(
      `mkdir -p ${units} && mount -t tmpfs none ${units} && touch ${units}/singleton-helper.service`,
    )
    try {
      const run = await runCli(host.home.path, ['hosts', 'uninstall', address, '--yes'])
      expect(run).toMatchObject({ code: 1, stdout: '' })
      expect(run.stderr).toContain('singleton-helper.service is installed there')
      expect(run.stderr).toContain('service remove HOST')
      expect(existsSync(cache())).toBe(true)
    } finally {
      await host.run(`umount ${units}`)
    }
    expect(await runCli(host.home.path, ['hosts', 'uninstall', address, '--yes'])).toMatchObject({ code: 0 })
  })

  it('says why it cannot be uninstalled, where nobody answers', async () => {
    const run = await runCli(host.home.path, ['hosts', 'uninstall', 'nobody@127.0.0.1:1', '--yes'])
    expect(run).toMatchObject({ code: 1, stderr: expect.stringContaining('nobody@127.0.0.1:1: cannot') })
  })

  it('says what is missing where nothing is built', async () => {
    const standIn = host.standIn('honest')
    standIn.remove()
    await expect(host.link(standIn)).rejects.toMatchObject({
      code: 'not-found',
      remedy: expect.stringContaining('build:helper'),
    })
  })
})
