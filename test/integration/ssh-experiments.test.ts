// Experiments by the real command line over hosts with real helpers, without guests: planned, run, killed and gone on with.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ensureHelper } from '../../scripts/built-parts.mjs'
import {
  type ExperimentSummary,
  experimentDocument,
  experimentSummaries,
} from '../../src/shared/contract/index.ts'
import { type OwnStateHosts, startOwnStateHosts } from '../beds/sshd/own-state-hosts.ts'

const root = join(import.meta.dirname, '../..')
const names = ['alpha', 'beta'] as const
/** Hosts without guests have no reads: memory is what they have. */
const quick = ['--metric', 'memory', '--phase', '1s', '--warm-up', '0', '--seed', '3']
const withinMs = 60_000

let folder: string
let hosts: OwnStateHosts

beforeAll(async () => {
  await ensureHelper(root, process.execPath, process.env)
  folder = mkdtempSync(join(tmpdir(), 'singleton-experiments-'))
  hosts = await startOwnStateHosts(names)
})
afterAll(async () => {
  await hosts?.stop()
  rmSync(folder, { recursive: true, force: true })
})

function startCli(args: readonly string[]): ChildProcess {
  const { SSH_AUTH_SOCK: _, ...env } = process.env
  return spawn(process.execPath, [join(root, 'src/main/cli.ts'), 'experiment', ...args], {
    env: { ...env, HOME: hosts.home.path, SINGLETON_DATA_DIR: join(folder, 'data') },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

function runCli(args: readonly string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = startCli(args)
  let [stdout, stderr] = ['', '']
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })))
}

async function listed(): Promise<ExperimentSummary[]> {
  const { stdout } = await runCli(['list', '--json'])
  return experimentSummaries.parse({ experiments: JSON.parse(stdout) }).experiments
}

describe('experiment', () => {
  it('is planned without any change', async () => {
    const { code, stdout } = await runCli(['plan', ...names, ...quick, '--pairs', '8'])
    expect([code, stdout]).toEqual([
      0,
      expect.stringContaining('memory under adaptive (B) against off (A), 8 pairs'),
    ])
    expect(stdout).toMatch(/alpha: (?:ABBA|BAAB){4}\n/)
    for (const name of names) expect(hosts.auditOf(name)).toEqual([])
  })

  it('runs to its end, answers 0 whatever the verdict, and has stopped each policy that it started', async () => {
    const out = join(folder, 'experiment.html')
    const { code, stdout, stderr } = await runCli([
      'run',
      ...names,
      ...quick,
      '--pairs',
      '6',
      '--json',
      '--out',
      out,
    ])
    expect(code, stderr).toBe(0)
    const shown = experimentDocument.parse(JSON.parse(stdout))
    expect(shown.hosts.map(({ state }) => state)).toEqual(['done', 'done'])
    // A pair during which others load this machine is run again, up to three times: then there may not be enough.
    for (const { phases } of shown.hosts) expect(phases.length).toBeGreaterThanOrEqual(12)
    const { kind } = shown.result.verdict
    // There is nothing in these hosts' memory that a policy could change.
    expect(['no-difference', 'not-enough']).toContain(kind)
    if (kind === 'no-difference') {
      expect(shown.result.overHosts?.hosts).toBe(2)
      expect(readFileSync(out, 'utf8')).toContain('No difference larger than 1 %')
    } else console.warn(`not compared: ${shown.result.verdict.sentence}`)
    for (const name of names) {
      const actions = hosts.auditOf(name)
      expect(actions.length).toBeGreaterThanOrEqual(2)
      expect(actions).toEqual(
        Array.from({ length: actions.length / 2 }, () => ['policy start', 'policy stop']).flat(),
      )
    }
  })

  it('goes on after kill -9 of its command line; the phase under way is void', async () => {
    const killed = startCli([
      'run',
      'alpha',
      '--metric',
      'memory',
      '--phase',
      '8s',
      '--warm-up',
      '0',
      '--pairs',
      '1',
    ])
    let id = ''
    const underWay = async () => {
      id = (await listed()).find(({ state }) => state === 'running')?.id ?? ''
      return id
    }
    await expect.poll(underWay, { timeout: withinMs }).not.toBe('')
    const ended = new Promise((resolve) => killed.once('exit', resolve))
    killed.kill('SIGKILL')
    await ended
    const { code, stdout, stderr } = await runCli(['resume', id, '--json'])
    expect(code, stderr).toBe(0)
    const { state, hosts: resumed } = experimentDocument.parse(JSON.parse(stdout))
    expect(state).toBe('done')
    const phases = resumed[0]?.phases ?? []
    expect(phases.filter((phase) => phase.fault?.code === 'workbench-closed')).toHaveLength(1)
    expect(phases.filter((phase) => phase.state === 'valid').length).toBeGreaterThanOrEqual(2)
    expect(hosts.auditOf('alpha').at(-1)).toBe('policy stop')
  })

  it('stops when interrupted, answers 130, and puts everything back', async () => {
    const before = hosts.auditOf('beta').length
    const child = startCli([
      'run',
      'beta',
      '--arms',
      'adaptive,adaptive',
      '--metric',
      'memory',
      '--phase',
      '60s',
    ])
    await expect.poll(() => hosts.auditOf('beta').length, { timeout: withinMs }).toBeGreaterThan(before)
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGINT')
    expect(await ended).toBe(130)
    expect(hosts.auditOf('beta').at(-1)).toBe('policy stop')
    expect((await listed())[0]).toMatchObject({
      state: 'stopped',
      why: expect.stringContaining('stopped it'),
    })
  })

  it('with --cold empties the page cache of images before each phase', async () => {
    const before = hosts.auditOf('beta').length
    const question = ['beta', ...quick, '--arms', 'off,off', '--pairs', '1', '--cold']
    const planned = await runCli(['plan', ...question])
    expect(planned.stdout).toContain('leave the page cache, 2 times')
    const { code, stderr } = await runCli(['run', ...question, '--json'])
    expect(code, stderr).toBe(0)
    // Two phases, and those that are run again.
    const scrubs = hosts.auditOf('beta').slice(before)
    expect(scrubs.length).toBeGreaterThanOrEqual(2)
    expect(scrubs.filter((action) => action !== 'scrub')).toEqual([])
  })

  it('answers 3 where it did not run to its end, and says why', async () => {
    const question = ['alpha', ...quick, '--metric', 'guests-carried', '--pairs', '6']
    const { code, stdout } = await runCli(['run', ...question])
    expect([code, stdout]).toEqual([
      3,
      expect.stringContaining(
        'guests carried is not reported by this host. Ask by another metric, or leave this host out',
      ),
    ])
    expect(stdout.match(/guests carried is not reported by this host$/gm)).toHaveLength(3)
  })

  it('answers 2 where it cannot be what was meant', async () => {
    for (const [args, words] of [
      [['run', 'alpha', '--metric', 'speed'], '--metric needs one of'],
      [['run', 'alpha', '--pairs', '0'], '--pairs'],
      [['run', 'alpha', '--arms', 'off'], '--arms needs two names'],
      [['run', 'alpha', '--out', join(folder, 'none/result.html')], 'cannot write'],
      [['show'], 'experiment needs'],
    ] as const) {
      const { code, stderr } = await runCli(args)
      expect([code, stderr]).toEqual([2, expect.stringContaining(words)])
    }
  })

  it('answers 1 for an arm that is no policy', async () => {
    const { code, stderr } = await runCli(['run', 'alpha', '--arms', 'off,nights'])
    expect([code, stderr]).toEqual([1, expect.stringContaining('cannot find the arm "nights"')])
  })
})
