// The service installed and removed by the workbench over SSH, with a real engine on real guests: what a session runs is
// handed over to it, and the host is a session's again afterwards. What stands in for systemd only starts and stops it.
import { readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Workbench } from '../../src/main/workbench.ts'
import { policySchema } from '../../src/shared/contract/index.ts'
import { buildHelper } from '../beds/engine/helper-binary.ts'
import { isRoot } from '../beds/is-root.ts'
import { readKsmSettings, unmergeAll } from '../beds/lab/ksm-settings.ts'
import { downLab, type LabHost, smallContents, upLab, writeSshHome } from '../beds/lab/lab.ts'
import { quiet } from '../fakes/quiet.ts'
import { openWorkbench } from '../open-workbench.ts'

const dir = join(tmpdir(), 'singleton-hand-over-lab')
const home = join(tmpdir(), 'singleton-hand-over-home')
const systemctl = join(import.meta.dirname, '../beds/lab/stand-in-systemctl.py')
if (!isRoot) console.warn('skipped: guests in a lab need root')

const policy = policySchema.parse({
  scrub: { mode: 'adaptive' },
  ksm: { mode: 'govern', startPotentialBytes: 2 ** 20 },
})

describe.skipIf(!isRoot)('the service over SSH', () => {
  let host: LabHost
  let workbench: Workbench
  let hostId = ''
  let found: ReturnType<typeof readKsmSettings>

  beforeAll(async () => {
    buildHelper()
    found = readKsmSettings()
    const lab = await upLab({ dir, hosts: [{ kind: 'plain', guests: 2 }], ...smallContents })
    ;[host] = lab.hosts as [LabHost]
    await inHost(standInForSystemd)
    rmSync(home, { recursive: true, force: true })
    writeSshHome(lab, home)
    workbench = await openWorkbench(home)
    const { handlers, fleet } = workbench
    await handlers['hosts/add']({ address: host.name }, quiet)
    hostId = fleet.saved().find(({ name }) => name === host.name)?.id ?? ''
    await handlers['hosts/set-mode']({ hostId, mode: 'change' }, quiet)
    await handlers['hosts/connect']({ hostId }, quiet)
  })
  afterAll(async () => {
    await workbench?.close()
    await downLab(dir)
    rmSync(home, { recursive: true, force: true })
    expect(readKsmSettings()).toEqual(found)
    unmergeAll(found)
  })

  async function inHost(command: string): Promise<string> {
    const { code, stdout, stderr } = await host.exec(command)
    expect(code, stderr).toBe(0)
    return stdout
  }
  const journal = async () => JSON.parse(await inHost('cat /var/lib/singleton-helper/ksm-journal.json'))
  const actions = async () =>
    (await inHost('cat /var/lib/singleton-helper/audit.jsonl'))
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { action: string }).action)
  const status = () => workbench.handlers['policies/status']({ hostId }, quiet)
  const mergedPages = () => Number(readFileSync('/sys/kernel/mm/ksm/pages_sharing', 'utf8'))

  it('goes on with what the session runs, and puts nothing back in between', async () => {
    const { handlers } = workbench
    const started = await handlers['policies/start']({ hostId, policy }, quiet)
    expect(started.run?.mode).toBe('session')
    await expect.poll(() => readKsmSettings().run, { timeout: 60_000 }).toBe('1')
    const before = await journal()
    const done = await actions()
    const installed = await handlers['service/install']({ hostId, policy }, quiet)
    expect(installed).toMatchObject({ state: 'running', enabled: true, isThisBuild: true, hasPolicy: true })
    expect(await journal()).toEqual(before)
    const ofTheEngine = ['govern ksm', 'govern scrub']
    expect((await actions()).slice(done.length).filter((action) => !ofTheEngine.includes(action))).toEqual([
      'policy hand over',
      'policy start',
      'service install',
    ])
    expect((await status()).run).toMatchObject({ mode: 'service', policy })
  })

  it('stays when the workbench goes, and is found again', async () => {
    const { handlers } = workbench
    await handlers['hosts/disconnect']({ hostId }, quiet)
    await handlers['hosts/connect']({ hostId }, quiet)
    expect((await status()).run).toMatchObject({ mode: 'service', policy })
    expect(await actions()).not.toContain('policy stop')
    await expect.poll(mergedPages, { timeout: 60_000 }).toBeGreaterThan(0)
  })

  it('leaves the host to a session again, as it was found and with what is merged', async () => {
    const { handlers } = workbench
    const merged = mergedPages()
    const removed = await handlers['service/remove']({ hostId }, quiet)
    expect(removed).toMatchObject({ state: 'absent', hasPolicy: false })
    expect(readKsmSettings()).toEqual(found)
    expect(mergedPages()).toBeGreaterThan(merged / 2)
    const places = '/etc/singleton-helper /etc/systemd/system/singleton* /usr/local/libexec/singleton-helper'
    const left = await inHost(`ls -d ${places} /var/lib/singleton-helper/* 2>/dev/null || true`)
    expect(left.trim()).toBe('/var/lib/singleton-helper/audit.jsonl')
    const again = await handlers['policies/start']({ hostId, policy }, quiet)
    expect(again.run?.mode).toBe('session')
    await handlers['policies/stop']({ hostId }, quiet)
    expect(readKsmSettings()).toEqual(found)
  })
})

/** In the mounts of the lab host, which nobody else sees. */
const standInForSystemd = [
  'set -e',
  'mkdir -p /run/systemd/system /run/etc',
  'cp -a /etc/. /run/etc && mount --bind /run/etc /etc && mkdir -p /etc/systemd/system',
  `cp ${systemctl} /run/systemctl && chmod 755 /run/systemctl`,
  'mount -t tmpfs -o mode=755 tmpfs /usr/local && mkdir /usr/local/sbin /usr/local/libexec',
  'mv /run/systemctl /usr/local/sbin/systemctl',
].join('\n')
