// The command line as a person runs it, or cron: a process of its own, on this machine's real helper.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { assessment, capacity, ksmStatus } from '../../src/shared/contract/index.ts'
import { run } from '../beds/lab/run.ts'
import { runCli } from '../run-cli.ts'

const root = join(import.meta.dirname, '../..')
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

  it('writes a report by the line that the documents give to cron', async () => {
    // What cron sets, and nothing else: no terminal, and the folder that cron runs in.
    const env = [`PATH=${cronPath()}`, 'SHELL=/bin/sh', 'LOGNAME=root', `HOME=${home}`]
    const asCron = (line: string) =>
      run('setsid', ['--wait', 'env', '-C', '/', '-i', ...env, '/bin/sh', '-c', line])
    const out = join(home, 'week.pdf')
    expect((await asCron(`cd '${root}' && npm run cli -- hosts add local --name by-cron`)).code).toBe(0)
    const report = await asCron(cronLine().replace('/opt/singleton-workbench', root).replace(docsPdf, out))
    expect(report, report.stderr).toMatchObject({ code: 0 })
    // As HTML where nothing prints.
    const written = [out, join(home, 'week.html')].filter((path) => existsSync(path))
    expect(written).toHaveLength(1)
    expect(report.stdout).toContain(`wrote ${written[0]}`)
    const begin = readFileSync(written[0] ?? '', 'latin1').slice(0, 9)
    expect(begin).toMatch(written[0] === out ? /^%PDF-/ : /^<!doctype/i)
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

/** Cron's own; where npm is elsewhere, the documents say to name its folder too. */
function cronPath(): string {
  const folders = ['/usr/bin', '/bin']
  const own = (process.env.PATH ?? '').split(':').find((folder) => existsSync(join(folder, 'npm')))
  return (own === undefined || folders.includes(own) ? folders : [own, ...folders]).join(':')
}

const docsPdf = '/srv/reports/week.pdf'

/** The command of the crontab in docs/reports.md, without its times. */
function cronLine(): string {
  const docs = readFileSync(join(root, 'docs/reports.md'), 'utf8')
  const command = /^0 6 \* \* 1 +(.*)$/m.exec(docs)?.[1]
  if (command === undefined) throw new Error('cannot find a line for cron in docs/reports.md')
  return command
}
