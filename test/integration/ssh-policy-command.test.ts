// The commands `policy` and `service` over two hosts with real helpers: what they print, what they exit with, and what the
// hosts write down. The service itself needs systemd: service-systemd.test.ts.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { ensureHelper } from '../../scripts/built-parts.mjs'
import { policyPreview, policySchema, policyStatus, serviceStatus } from '../../src/shared/contract/index.ts'
import { type OwnStateHosts, startOwnStateHosts } from '../beds/sshd/own-state-hosts.ts'
import { runCli } from '../run-cli.ts'

const root = join(import.meta.dirname, '../..')
const names = ['alpha', 'beta'] as const
const policy = policySchema.parse({ scrub: { mode: 'adaptive' } })

let folder: string
let hosts: OwnStateHosts

beforeAll(async () => {
  await ensureHelper(root, process.execPath, process.env)
  folder = mkdtempSync(join(tmpdir(), 'singleton-policy-command-'))
  writeFileSync(join(folder, 'policy.json'), JSON.stringify(policy))
  hosts = await startOwnStateHosts(names)
})
afterAll(async () => {
  await hosts?.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** A document for each host, by its address. */
function documentsOf<T extends z.ZodType>(stdout: string, schema: T): Map<string, z.infer<T>> {
  const documents: unknown[] = z.array(z.unknown()).parse(JSON.parse(stdout))
  return new Map(
    documents.map((document) => [
      z.object({ address: z.string() }).parse(document).address,
      schema.parse(document),
    ]),
  )
}

describe('policy', () => {
  it('preview tells what it would do on every host, and changes nothing', async () => {
    const { code, stdout, stderr } = await runCli(hosts.home.path, ['policy', 'preview', ...names, '--json'])
    expect(code, stderr).toBe(0)
    const previews = documentsOf(stdout, policyPreview)
    expect([...previews.keys()]).toEqual([...names])
    for (const { rounds } of previews.values()) expect(rounds.length).toBeGreaterThan(0)
    for (const name of names) expect(hosts.auditOf(name)).toEqual([])
  })

  it('start runs it for as long as asked, and has put everything back when it exits', async () => {
    const options = ['--policy', join(folder, 'policy.json'), '--for', '2s', '--json']
    const { code, stdout, stderr } = await runCli(hosts.home.path, ['policy', 'start', ...names, ...options])
    expect(code, stderr).toBe(0)
    for (const { run } of documentsOf(stdout, policyStatus).values())
      expect(run).toMatchObject({ mode: 'session', policy })
    for (const name of names) expect(hosts.auditOf(name)).toEqual(['policy start', 'policy stop'])
  })

  it('status tells that nothing runs, and stop is no error then', async () => {
    for (const act of ['status', 'stop'] as const) {
      const { code, stdout, stderr } = await runCli(hosts.home.path, ['policy', act, ...names, '--json'])
      expect(code, stderr).toBe(0)
      for (const { run } of documentsOf(stdout, policyStatus).values()) expect(run).toBeUndefined()
    }
  })

  it('exits with 1 where one host cannot do it, and the others have done it', async () => {
    const { code, stdout } = await runCli(hosts.home.path, [
      'policy',
      'status',
      'alpha',
      'root@127.0.0.1:1',
      '--json',
    ])
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject([
      { address: 'alpha' },
      { address: 'root@127.0.0.1:1', problem: { code: expect.any(String) } },
    ])
  })

  it('exits with 2, and changes nothing, for a policy that is none', async () => {
    const before = hosts.auditOf('alpha')
    writeFileSync(join(folder, 'wrong.json'), '{"scrub":{"mode":"adaptive","speed":9}}')
    const { code, stderr } = await runCli(hosts.home.path, [
      'policy',
      'start',
      'alpha',
      '--policy',
      join(folder, 'wrong.json'),
    ])
    expect([code, stderr]).toEqual([2, expect.stringContaining('speed')])
    expect(hosts.auditOf('alpha')).toEqual(before)
  })
})

describe('service', () => {
  it('status exits with 0 and says how it stands; what needs systemd exits with 1 without it', async () => {
    const { code, stdout, stderr } = await runCli(hosts.home.path, ['service', 'status', ...names, '--json'])
    expect(code, stderr).toBe(0)
    const states = [...documentsOf(stdout, serviceStatus).values()].map(({ state }) => state)
    if (states.every((state) => state === 'unsupported')) {
      const upgraded = await runCli(hosts.home.path, ['service', 'upgrade', 'alpha', '--yes'])
      expect([upgraded.code, upgraded.stdout]).toEqual([
        1,
        expect.stringContaining('systemd does not run this host'),
      ])
    } else expect(states).toEqual(['absent', 'absent'])
  })
})
