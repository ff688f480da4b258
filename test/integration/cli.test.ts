// The command line as a person runs it: a process of its own, on this machine's real helper.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { assessment, capacity, ksmStatus } from '../../src/shared/contract/index.ts'
import { runCli } from '../run-cli.ts'

let home: string
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'singleton-cli-'))
})
afterAll(() => rmSync(home, { recursive: true }))

const cli = (...args: string[]) => runCli(home, args)

describe('cli', () => {
  it('assesses this machine', async () => {
    const { code, stdout } = await cli('assess', 'local', '--json')
    expect(code).toBe(0)
    const [document] = JSON.parse(stdout)
    expect(document.address).toBe('local')
    expect(assessment.parse(document).host.memTotalBytes).toBeGreaterThan(0)
  })

  it('estimates capacity, and says why a figure is not known', async () => {
    const { code, stdout } = await cli('capacity', 'local', '--json')
    expect(code).toBe(0)
    const { scenarios, overcommit } = capacity.parse(JSON.parse(stdout)[0])
    expect(scenarios.map(({ kind }) => kind)).toEqual(['now', 'policy'])
    expect(overcommit.physicalBytes).toBeGreaterThan(0)
    expect((await cli('capacity', 'local', '--like', 'nobody at all')).code).toBe(1)
    expect((await cli('capacity')).code).toBe(2)
  })

  it('answers for the hosts that can and fails for the one that cannot', async () => {
    const { code, stdout } = await cli('ksm', 'status', 'local', 'nobody@127.0.0.1:1', '--json')
    expect(code).toBe(1)
    const [good, bad] = JSON.parse(stdout)
    expect(ksmStatus.parse(good).settings.run).toBeGreaterThanOrEqual(0)
    expect(bad).toMatchObject({ address: 'nobody@127.0.0.1:1', problem: { code: 'unreachable' } })
  })

  it('takes an address that is named twice, and not saved, for one host', async () => {
    const address = 'nobody@127.0.0.1:1'
    const { code, stdout } = await cli('ksm', 'status', address, address, '--json')
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject([{ address, problem: { code: 'unreachable' } }])
  })

  it('keeps hosts and reports on all of them by default', async () => {
    expect((await cli('hosts', 'list', '--json')).stdout.trim()).toBe('[]')
    expect((await cli('hosts', 'add', 'local', '--name', 'here')).code).toBe(0)
    expect(JSON.parse((await cli('hosts', 'list', '--json')).stdout)).toMatchObject([
      { name: 'here', mode: 'observe' },
    ])
    const out = join(home, 'report.html')
    expect(await cli('report', '--out', out)).toMatchObject({ code: 0 })
    expect(readFileSync(out, 'utf8')).toContain('<h2>here</h2>')
    expect((await cli('hosts', 'remove', 'here')).code).toBe(0)
    expect((await cli('report', '--out', out)).code).toBe(2)
    expect(readdirSync(dirname(out)).filter((name) => name.endsWith('.part'))).toEqual([])
  })

  it('would scrub nothing without guests, and does not unmerge without --yes', async () => {
    expect((await cli('scrub', 'local', '--dry-run')).stdout).toContain('would evict')
    expect(await cli('ksm', 'unmerge', 'local')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--yes'),
    })
  })

  it('says what is wrong with a command line', async () => {
    expect(await cli('fly')).toMatchObject({ code: 2, stderr: expect.stringContaining('--help') })
    expect((await cli('--help')).stdout).toContain('assess HOST…')
  })
})
