// Names of this host's users.
import { readFileSync } from 'node:fs'
import { errnoOf, systemProblem } from '../kernel/system-error.ts'

const passwd = '/etc/passwd'

/** From /etc/passwd alone: users of directory services are shown by number. */
export class UserNames {
  readonly #names: ReadonlyMap<number, string>

  constructor(names: ReadonlyMap<number, string> = readUserNames()) {
    this.#names = names
  }

  /** `libvirt-qemu`, or `uid 100107`. */
  nameOf(uid: number): string {
    return this.#names.get(uid) ?? `uid ${uid}`
  }
}

function readUserNames(): ReadonlyMap<number, string> {
  try {
    return parseUserNames(readFileSync(passwd, 'utf8'))
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return new Map()
    throw systemProblem(error, `read ${passwd}`)
  }
}

/** Names by uid, from the text of a passwd(5) file. The first line of a uid counts; broken lines are passed over. */
export function parseUserNames(text: string): ReadonlyMap<number, string> {
  const names = new Map<number, string>()
  for (const line of text.split('\n')) {
    const [name, , uid] = line.split(':')
    if (name !== undefined && uid !== undefined && /^\d+$/.test(uid) && !names.has(Number(uid)))
      names.set(Number(uid), name)
  }
  return names
}
