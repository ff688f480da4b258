// What a helper that follows a hostile path would run into, and who ran into it.
import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync } from 'node:fs'
import { createServer, type Server } from 'node:net'

/** What is opened of it or right below it from now on. */
export async function watchFolder(path: string): Promise<() => Promise<string[]>> {
  const child = spawn('inotifywait', ['--monitor', '--event', 'open,access', '--format', '%w%f %e', path])
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject)
    child.stderr.on('data', (chunk) => String(chunk).includes('Watches established') && resolve())
  })
  return async () => {
    await endOf(child)
    return text.split('\n').filter(Boolean)
  }
}

async function endOf(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once('close', resolve))
  child.kill('SIGTERM')
  await ended
}

/** A socket that only root may write to, and how many have connected to it. */
export function listenAsRoot(path: string): Promise<{ server: Server; connections: () => number }> {
  let connections = 0
  const server = createServer((socket) => {
    connections += 1
    socket.end('{"QMP": {"version": {}}}\n')
    socket.on('error', () => undefined)
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, () => {
      chmodSync(path, 0o600)
      resolve({ server, connections: () => connections })
    })
  })
}

/** A FUSE mount that nobody serves: whoever looks below it waits. */
export async function mountHanging(initPid: number, folder: string): Promise<{ end(): Promise<void> }> {
  const script = `
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
fd = os.open("/dev/fuse", os.O_RDWR)
options = f"fd={fd},rootmode=40777,user_id=0,group_id=0,allow_other".encode()
if libc.mount(b"hangs", sys.argv[1].encode(), b"fuse.hangs", 0, options) != 0:
    sys.exit(os.strerror(ctypes.get_errno()))
print("mounted", flush=True)
sys.stdin.read()
libc.umount2(sys.argv[1].encode(), 2)
`
  const child = spawn('nsenter', [
    '--target',
    `${initPid}`,
    '--pid',
    '--mount',
    '/usr/bin/python3',
    '-c',
    script,
    folder,
  ])
  await new Promise<void>((resolve, reject) => {
    let complaint = ''
    child.stderr.on('data', (chunk) => {
      complaint += chunk
    })
    child.stdout.once('data', () => resolve())
    child.once('close', () => reject(new Error(`cannot mount: ${complaint}`)))
  })
  return {
    end: async () => {
      const ended = new Promise((resolve) => child.once('close', resolve))
      child.stdin.end()
      await ended
    },
  }
}
