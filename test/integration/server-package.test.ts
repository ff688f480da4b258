// The Debian package for machines without a display: built, installed here, used as its user and as root, and purged.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
const name = 'singleton-workbench-server'
const command = '/usr/bin/singleton-workbench'
const state = '/var/lib/singleton-workbench'
const unit = '/usr/lib/systemd/system/singleton-workbench.service'

const cannotRun = reasonNotToRun()
const noSystemd =
  spawnSync('systemd-analyze', ['--version']).status === 0 ? undefined : 'this machine has no systemd-analyze'
if (noSystemd) console.warn(`skipped: ${noSystemd}`)
if (cannotRun) console.warn(`skipped: ${cannotRun}`)

function reasonNotToRun(): string | undefined {
  if (process.getuid?.() !== 0) return 'installing a package needs root'
  if (spawnSync('dpkg-deb', ['--version']).status !== 0) return 'this machine has no dpkg-deb'
  if (existsSync(command)) return `${command} is installed here already`
  return undefined
}

/** What of the unit's confinement needs no systemd: its user, no capability ever, no new privileges. */
const asTheUnit = [
  ...['--reuid', 'singleton-workbench', '--regid', 'singleton-workbench', '--clear-groups'],
  ...['--no-new-privs', '--bounding-set=-all', '--inh-caps=-all', '--'],
]

/** Its ExecStart, on a port that is free for sure. */
function startedByTheUnit(): string[] {
  const line = /^ExecStart=(.*)$/m.exec(readFileSync(unit, 'utf8'))?.[1] ?? ''
  const words = line.split(' ')
  const port = words.indexOf('--port') + 1
  if (port === 0) throw new Error(`ExecStart names no port: ${line}`)
  return words.with(port, '0')
}

function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const { status, stdout, stderr } = spawnSync(program, [...args], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH ?? '', ...env },
  })
  return { status, stdout, stderr }
}

describe.skipIf(cannotRun !== undefined)('the server package', () => {
  const folder = mkdtempSync(join(tmpdir(), 'singleton-package-test-'))
  let installed: string[] = []
  let served: ChildProcess | undefined

  beforeAll(() => {
    const built = run(process.execPath, [join(root, 'scripts/package.ts')])
    expect(built.status, built.stderr).toBe(0)
    const path = built.stdout.trim().split('\n').at(-1) ?? ''
    const result = run('dpkg', ['--install', path])
    expect(result.status, result.stderr).toBe(0)
    installed = run('dpkg', ['-L', name]).stdout.split('\n').filter(Boolean)
  }, 240_000)
  afterAll(() => {
    served?.kill('SIGKILL')
    run('dpkg', ['--purge', name])
    rmSync(folder, { recursive: true, force: true })
  })

  it('holds what runs and nothing to build it from', () => {
    const odd = installed.filter((path) => /\.tsx?$|\.map$|\/vitest|\/typescript|\/electron$/.test(path))
    expect(odd).toEqual([])
    expect(installed).toContain('/usr/share/man/man1/singleton-workbench.1.gz')
    const open = globSync('/usr/lib/singleton-workbench/**').filter(
      (path) => (Number.parseInt(run('stat', ['-c', '%a', path]).stdout, 8) & 0o022) !== 0,
    )
    expect(open.slice(0, 5)).toEqual([])
  })

  it('answers on the command line with its own Node', () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
    // No other Node is on this path.
    const env = { HOME: folder, PATH: '/usr/bin:/bin' }
    expect(run(command, ['--version'], env)).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' })
    expect(run(command, ['hosts', 'list', '--json'], env).stdout.trim()).toBe('[]')
    expect(run(command, ['asess', 'local'], env).status).toBe(2)
  })

  it('assesses this machine with the helper that it brought', () => {
    const { status, stdout, stderr } = run(command, ['assess', 'local', '--json'], { HOME: folder })
    expect(status, stderr).toBe(0)
    expect(JSON.parse(stdout)).toEqual([expect.objectContaining({ address: 'local' })])
  })

  it('serves a browser as its own user, without privileges, on 127.0.0.1 only', async () => {
    const asUser = ['-u', 'singleton-workbench', '--', 'env', `HOME=${state}`, command, 'serve']
    served = spawn('setpriv', [...asTheUnit, 'env', `HOME=${state}`, ...startedByTheUnit()], {
      stdio: ['ignore', 'pipe', 'inherit'],
      cwd: '/',
    })
    const link = await firstLink(served)
    const port = new URL(link).port
    expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(200)
    const listening = run('ss', ['-Hltn', `sport = :${port}`])
      .stdout.trim()
      .split('\n')
    expect(listening.map((line) => line.split(/\s+/)[3])).toEqual([`127.0.0.1:${port}`])
    expect(run('runuser', [...asUser, '--print-link']).stdout).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#link=/)
    const ended = once(served, 'exit')
    served.kill('SIGTERM')
    await ended
  })

  it.skipIf(noSystemd !== undefined)('brings a unit that systemd reads without a word, confined', () => {
    const read = run('systemd-analyze', ['verify', unit])
    const told = `${read.stdout}${read.stderr}`
      .split('\n')
      .filter((line) => line.includes('singleton-workbench'))
    expect([read.status, told]).toEqual([0, []])
    // systemd's own measure of what a service may do, from 0 to 100.
    const confined = run('systemd-analyze', ['security', '--offline=true', '--threshold=35', unit])
    expect(confined.status, confined.stdout).toBe(0)
  })

  it('completes its commands', () => {
    const script = `source /usr/share/bash-completion/completions/singleton-workbench
COMP_WORDS=(singleton-workbench ksm st); COMP_CWORD=2; _singleton_workbench; echo "\${COMPREPLY[@]}"`
    expect(run('bash', ['-c', script]).stdout.trim().split(' ')).toEqual(
      expect.arrayContaining(['status', 'start', 'stop']),
    )
  })

  it('leaves nothing behind once purged', () => {
    const { status, stderr } = run('dpkg', ['--purge', name])
    expect(status, stderr).toBe(0)
    const own = installed.filter((path) => path.includes('singleton-workbench') && existsSync(path))
    expect(own).toEqual([])
    expect(existsSync(state)).toBe(false)
    expect(run('getent', ['passwd', 'singleton-workbench']).status).not.toBe(0)
    expect(run('getent', ['group', 'singleton-workbench']).status).not.toBe(0)
  })
})

async function firstLink(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error('serve has no stdout')
  for await (const line of createInterface({ input: child.stdout })) {
    const link = /http:\S+/.exec(line)?.[0]
    if (link) return link
  }
  throw new Error('serve printed no link')
}
