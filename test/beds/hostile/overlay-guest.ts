// A guest of an unprivileged user in namespaces of its own, who serves part of what it holds; see overlay-guest.sh.
import { spawn } from 'node:child_process'
import { chownSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { HostileGuest, stranger } from '../fault/hostile-guest.ts'
import { waitUntil } from '../lab/processes.ts'
import { runOk } from '../lab/run.ts'

const muteTimeoutMs = 60_000
const beds = join(import.meta.dirname, '..')

export interface OverlayGuest {
  readonly guest: HostileGuest
  /** In its own mounts: a file that it serves, through the overlay. */
  readonly disk: string
  /** From now on it answers nobody who asks for that file. */
  mute(): Promise<void>
  /** Ends the server: until then the guest itself cannot end, since it waits for its own server to close the file. */
  stopServing(): Promise<void>
}

/** `program` is in the folder's `below` where it begins with `merged/`. Answers once it runs. */
export async function startOverlayGuest(
  initPid: number,
  folder: string,
  program: string,
  args: readonly string[],
): Promise<OverlayGuest> {
  for (const path of [folder, join(folder, 'below')]) {
    mkdirSync(path, { recursive: true })
    chownSync(path, stranger, stranger)
  }
  const asStranger = ['setpriv', `--reuid=${stranger}`, `--regid=${stranger}`, '--clear-groups']
  // Where that user gets to.
  const [script, server] = ['hostile/overlay-guest.sh', 'fault/fuse-disk.py'].map((file) => {
    const copy = join(folder, basename(file))
    copyFileSync(join(beds, file), copy)
    return copy
  }) as [string, string]
  const enter = ['--target', String(initPid), '--pid', '--mount', '--uts', '--']
  const inside = ['unshare', '--map-root-user', '--mount', 'sh', script, folder, server, program, ...args]
  const guest = new HostileGuest(spawn('nsenter', [...enter, ...asStranger, ...inside]))
  await guest.tell('dup 1 200')
  return {
    guest,
    disk: join(folder, 'merged/disk.iso'),
    mute: async () => {
      writeFileSync(join(folder, 'control'), 'mute\n')
      const heard = () => readFileSync(join(folder, 'answers'), 'utf8').includes('heard')
      await waitUntil(heard, muteTimeoutMs, () => 'the file server does not hear')
    },
    stopServing: async () => {
      const pid = readFileSync(join(folder, 'server-pid'), 'utf8').trim()
      await runOk('nsenter', ['--target', String(initPid), '--pid', '--mount', '--', 'kill', '-KILL', pid])
    },
  }
}
