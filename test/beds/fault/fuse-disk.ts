// A file system of another user with a disk in it; see fuse-disk.py.
import { spawn } from 'node:child_process'
import { join } from 'node:path'

export interface FuseDisk {
  /** Lets it turn mute, or refuse, as its options say; answers once it has. */
  turn(): Promise<void>
  /** Unmounts. */
  end(): Promise<void>
}

/** Mounted in the namespace of a lab host. `options`: owner, MiB, mount options and behaviour, as the program takes them. */
export async function serveFuseDisk(initPid: number, mount: string, options: string): Promise<FuseDisk> {
  const script = `exec python3 '${join(import.meta.dirname, 'fuse-disk.py')}' '${mount}' ${options}`
  const child = spawn('nsenter', ['--target', String(initPid), '--mount', '--', 'sh', '-c', script])
  const said = lineReader(child.stdout)
  await said()
  return {
    turn: async () => {
      child.stdin.write('\n')
      await said()
    },
    end: async () => {
      child.stdin.end()
      await new Promise((resolve) => child.once('close', resolve))
    },
  }
}

/** Each call waits for the next line. */
function lineReader(stream: NodeJS.ReadableStream): () => Promise<string> {
  let text = ''
  let wake: () => void = () => undefined
  stream.on('data', (chunk) => {
    text += chunk
    wake()
  })
  return async () => {
    while (!text.includes('\n')) await new Promise<void>((resolve) => (wake = resolve))
    const line = text.slice(0, text.indexOf('\n'))
    text = text.slice(line.length + 1)
    return line
  }
}
