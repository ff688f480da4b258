// A file system with one file that an unprivileged user serves by FUSE in a lab host, and stops to answer for.
import { type ChildProcess, spawn } from 'node:child_process'
import { chownSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { stranger } from '../fault/hostile-guest.ts'

export interface ServedDisk {
  readonly path: string
  /** From now on it answers nobody who asks for that file. */
  mute(): Promise<void>
  /** Ends the server: whoever waits for it gets an error. */
  end(): Promise<void>
}

export async function serveDisk(initPid: number, folder: string, sizeMiB: number): Promise<ServedDisk> {
  mkdirSync(folder, { recursive: true })
  chownSync(folder, stranger, stranger)
  const enter = ['--target', String(initPid), '--pid', '--mount', '--']
  const server = join(import.meta.dirname, '../fault/fuse-disk.py')
  const child = spawn('nsenter', [...enter, 'python3', server, folder, `${stranger}`, `${sizeMiB}`, 'mute'])
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const expect = async (word: string) => {
    const { value } = await lines.next()
    if (value !== word) throw new Error(`cannot serve ${folder}: it says ${value ?? 'nothing'}, not ${word}`)
  }
  await expect('ready')
  return {
    path: join(folder, 'disk.iso'),
    mute: async () => {
      child.stdin.write('mute\n')
      await expect('heard')
    },
    end: () => endOf(child),
  }
}

async function endOf(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const ended = new Promise((resolve) => child.once('close', resolve))
  child.stdin?.end()
  await ended
}
