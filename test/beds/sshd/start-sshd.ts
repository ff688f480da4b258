// A real sshd on a loopback port, with its own /root, /etc/shadow and processes; ended by the pid it was given.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { findFreePort } from '../free-port.ts'

const START_TIMEOUT_MS = 60_000

export interface SshdOptions {
  /** Lines of sshd_config beyond the usual ones; the first value of a name counts for sshd. */
  readonly config?: readonly string[]
  readonly hostKeyTypes?: readonly ('ed25519' | 'ecdsa' | 'rsa')[]
  /** Public keys that may log in. */
  readonly authorizedKeys?: readonly string[]
  /** Of root and of every user below. */
  readonly password?: string
  /** Users without privilege, with the home /home/NAME. */
  readonly users?: readonly (string | { readonly name: string; readonly shell: string })[]
  /** Shell commands run as root in the namespaces before sshd starts: mounts, files. `$folder` is the fixture's. */
  readonly prepare?: readonly string[]
}

export interface Sshd {
  readonly port: number
  readonly folder: string
  /** What is /root over there. */
  readonly home: string
  /** `TYPE BASE64` of a host key. */
  hostKey(type?: string): string
  /** What sshd has logged so far. */
  log(): string
  stop(): Promise<void>
}

export async function startSshd(options: SshdOptions = {}): Promise<Sshd> {
  const folder = mkdtempSync(join(tmpdir(), 'singleton-sshd-'))
  const port = await findFreePort()
  const types = options.hostKeyTypes ?? ['ed25519']
  writeFiles(folder, port, types, options)
  const child = startInNamespaces(folder)
  const log: string[] = []
  child.stderr?.setEncoding('utf8').on('data', (text: string) => log.push(text))
  const stop = async () => {
    await end(child)
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await waitForPort(port, child)
  } catch (error) {
    await stop()
    throw new Error(`cannot start sshd: ${(error as Error).message}\n${log.join('')}`)
  }
  return {
    port,
    folder,
    home: join(folder, 'root'),
    hostKey: (type = types[0] ?? 'ed25519') =>
      publicPart(readFileSync(join(folder, `host_${type}.pub`), 'utf8')),
    log: () => log.join(''),
    stop,
  }
}

function writeFiles(folder: string, port: number, types: readonly string[], options: SshdOptions): void {
  // sshd wants every folder above its keys to be root's alone.
  chmodSync(folder, 0o755)
  mkdirSync(join(folder, 'root'), { mode: 0o700 })
  mkdirSync(join(folder, 'home'), { mode: 0o755 })
  for (const type of types) makeKey(join(folder, `host_${type}`), type)
  writeFileSync(join(folder, 'authorized_keys'), `${(options.authorizedKeys ?? []).join('\n')}\n`, {
    mode: 0o644,
  })
  const config = [
    ...(options.config ?? []),
    `ListenAddress 127.0.0.1:${port}`,
    ...types.map((type) => `HostKey ${join(folder, `host_${type}`)}`),
    `AuthorizedKeysFile ${join(folder, 'authorized_keys')}`,
    'PidFile none',
    // The keys lie below a temporary folder, which is anybody's.
    'StrictModes no',
    'UsePAM no',
    'PermitRootLogin yes',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PrintMotd no',
    'UseDNS no',
    'LogLevel VERBOSE',
  ]
  writeFileSync(join(folder, 'sshd_config'), `${config.join('\n')}\n`)
  writeAccounts(folder, options)
  const mounts = ['passwd', 'shadow'].map((name) => `mount --bind ${folder}/${name} /etc/${name}`)
  const script = [
    'set -e',
    `folder=${folder}`,
    'mount --make-rprivate /',
    'mount -t tmpfs tmpfs /run && mkdir -p /run/sshd',
    `mount --bind ${folder}/root /root`,
    `mount --bind ${folder}/home /home`,
    ...mounts,
    ...(options.prepare ?? []),
    `exec /usr/sbin/sshd -D -e -f ${folder}/sshd_config`,
  ]
  writeFileSync(join(folder, 'start.sh'), `${script.join('\n')}\n`)
}

function writeAccounts(folder: string, { users = [], password }: SshdOptions): void {
  for (const name of ['passwd', 'shadow']) copyFileSync(`/etc/${name}`, join(folder, name))
  const hash = password === undefined ? '*' : hashPassword(password)
  const passwd = readFileSync('/etc/passwd', 'utf8')
  const shadow = readFileSync('/etc/shadow', 'utf8').replace(/^root:[^:]*:/m, `root:${hash}:`)
  const accounts = users.map((user) => (typeof user === 'string' ? { name: user, shell: '/bin/sh' } : user))
  const lines = accounts.map(
    ({ name, shell }, index) => `${name}:x:${20_000 + index}:${20_000 + index}::/home/${name}:${shell}\n`,
  )
  writeFileSync(join(folder, 'passwd'), passwd + lines.join(''))
  writeFileSync(
    join(folder, 'shadow'),
    shadow + accounts.map(({ name }) => `${name}:${hash}:19000:0:99999:7:::\n`).join(''),
  )
  for (const [index, { name }] of accounts.entries()) {
    const home = join(folder, 'home', name)
    mkdirSync(home, { mode: 0o755 })
    run('chown', [`${20_000 + index}:${20_000 + index}`, home])
  }
}

function hashPassword(password: string): string {
  return run('openssl', ['passwd', '-6', '-stdin'], password).trim()
}

/** It also ends when the test's process ends in whatever way. */
function startInNamespaces(folder: string): ChildProcess {
  const flags = ['--mount', '--pid', '--fork', '--mount-proc', '--kill-child=SIGKILL']
  return spawn('setpriv', ['--pdeathsig', 'KILL', 'unshare', ...flags, 'sh', join(folder, 'start.sh')], {
    stdio: ['ignore', 'ignore', 'pipe'],
    cwd: '/',
  })
}

/** Ending the first process of a PID namespace ends all in it. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await ended
}

async function waitForPort(port: number, child: ChildProcess): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS
  while (!(await accepts(port))) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error('it ended at once')
    if (performance.now() > deadline) throw new Error(`port ${port} is not open after ${START_TIMEOUT_MS} ms`)
    await sleep(30)
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}

/** Makes a key pair and returns `TYPE BASE64` of its public half. */
export function makeKey(path: string, type = 'ed25519', passphrase = ''): string {
  // One round of bcrypt: tests decrypt it again and again.
  run('ssh-keygen', ['-q', '-t', type, '-a', '1', '-N', passphrase, '-C', 'singleton-test', '-f', path])
  return publicPart(readFileSync(`${path}.pub`, 'utf8'))
}

function publicPart(text: string): string {
  return text.trim().split(' ').slice(0, 2).join(' ')
}

export function run(command: string, args: readonly string[], input = ''): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { input, encoding: 'utf8' })
  if (error !== undefined || status !== 0) {
    throw new Error(`cannot run ${command} ${args.join(' ')}: ${error?.message ?? stderr}`)
  }
  return stdout
}
