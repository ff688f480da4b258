// The service as a process, and whom it talks to: processes of other users, and what stands for systemd.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'

export interface RunningService {
  readonly child: ChildProcess
  readonly ended: Promise<number | null>
  readonly said: () => string
}

export function startService(helper: string, env: NodeJS.ProcessEnv): RunningService {
  const child = spawn(helper, ['service', 'run'], { env })
  let text = ''
  child.stderr.on('data', (chunk) => {
    text += chunk
  })
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  return { child, ended, said: () => text }
}

/** What the service says first to a process of this user; the error where it cannot connect. */
export function talk(path: string, uid: number): string {
  const script = [
    'import os, socket, sys',
    'uid = int(sys.argv[2])',
    'os.setgroups([]); os.setgid(uid); os.setuid(uid)',
    's = socket.socket(socket.AF_UNIX); s.settimeout(20); s.connect(sys.argv[1])',
    'try: print(s.recv(200).decode(), end="")',
    'except ConnectionError: pass',
  ].join('\n')
  const { stdout, stderr } = spawnSync('/usr/bin/python3', ['-c', script, path, String(uid)], {
    encoding: 'utf8',
  })
  return stdout + stderr
}

/** Takes what systemd would be told. */
export function listen(path: string) {
  const script = [
    'import socket, sys',
    's = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.bind(sys.argv[1])',
    'while True: print(s.recv(4096).decode(), flush=True)',
  ].join('\n')
  const child = spawn('/usr/bin/python3', ['-c', script, path])
  let text = ''
  child.stdout.on('data', (chunk) => {
    text += chunk
  })
  return { text: () => text, end: () => child.kill('SIGKILL') }
}

/** A write lease on a file, fcntl(2): a process that opens the file stands still, for 45 s at most. */
export function takeLease(path: string) {
  const script = [
    'import fcntl, os, signal, sys',
    'fd = os.open(sys.argv[1], os.O_RDWR)',
    'signal.signal(signal.SIGIO, lambda *_: print("wanted", flush=True))',
    'fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_WRLCK)',
    'print("leased", flush=True)',
    'sys.stdin.read()',
  ].join('\n')
  const child = spawn('/usr/bin/python3', ['-c', script, path])
  let text = ''
  child.stdout.on('data', (chunk) => {
    text += chunk
  })
  return { said: () => text, giveBack: () => child.stdin.end() }
}
