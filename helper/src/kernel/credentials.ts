// Opens files as another user would: user, groups and capabilities of the calling thread alone, for one synchronous act.
import { Problem } from '../../../src/shared/problem.ts'
import { addressOf, systemCall, systemCallNumber } from './libc.ts'
import type { FileCredentials } from './process-status.ts'

const setfsuidNumber = systemCallNumber(122, 151)
const setfsgidNumber = systemCallNumber(123, 152)
const getgroupsNumber = systemCallNumber(115, 158)
const setgroupsNumber = systemCallNumber(116, 159)
const capgetNumber = systemCallNumber(125, 90)
const capsetNumber = systemCallNumber(126, 91)

const capabilityVersion3 = 0x20080522
const capDacBits = (1 << 1) | (1 << 2)
/** Kernel limit NGROUPS_MAX. */
const maxGroups = 65_536
/** Answered by the present id, and changes nothing. */
const noId = -1

/**
 * Does `work` with the rights that `credentials` give to files, then takes the own ones back. For root only: anybody
 * else works with the rights that they have. `work` must not wait: until it returns the thread is another user's.
 * Calls the kernel itself, since the C library's setgroups changes all threads. Source: setfsuid(2), capabilities(7).
 * Throws `not-permitted` where the kernel refuses to change to them.
 */
export function withFileCredentials<T>(credentials: FileCredentials, work: () => T): T {
  return process.geteuid?.() === 0 ? thread.as(credentials, work) : work()
}

/** The buffers of one thread's calls; they must not move. */
class ThreadCredentials {
  readonly #header = new Uint32Array(new ArrayBuffer(8))
  readonly #capabilities = new Uint32Array(new ArrayBuffer(24))
  readonly #groups = new Uint32Array(new ArrayBuffer(4 * maxGroups))

  as<T>({ uid, gid, groups, readsAll }: FileCredentials, work: () => T): T {
    const own = { uid: this.#user(noId), gid: this.#group(noId), groups: this.#readGroups() }
    if (own.uid === uid && own.gid === gid && readsAll && own.groups.join() === groups.join()) return work()
    const effective = this.#readEffective()
    try {
      this.#setGroups(groups)
      this.#changeTo('group', gid)
      // Leaving uid 0 takes the capabilities that pass over permissions; coming back restores them.
      this.#changeTo('user', uid)
      if (uid === 0 && !readsAll) this.#setEffective(effective & ~capDacBits)
      return work()
    } finally {
      this.#changeTo('user', own.uid)
      this.#changeTo('group', own.gid)
      this.#setGroups(own.groups)
      this.#setEffective(effective)
    }
  }

  #user(id: number): number {
    return systemCall('setfsuid', setfsuidNumber, id)
  }

  #group(id: number): number {
    return systemCall('setfsgid', setfsgidNumber, id)
  }

  /** The calls answer with the id before, and say nothing of failure: asked again, they answer with the new one. */
  #changeTo(what: 'user' | 'group', id: number): void {
    const change = (to: number) => (what === 'user' ? this.#user(to) : this.#group(to))
    change(id)
    if (change(noId) !== id)
      throw new Problem('not-permitted', `cannot open files as ${what} ${id}: the kernel refuses the change`)
  }

  #readGroups(): number[] {
    const count = systemCall('getgroups', getgroupsNumber, maxGroups, addressOf(this.#groups))
    return [...this.#groups.subarray(0, count)]
  }

  #setGroups(groups: readonly number[]): void {
    this.#groups.set(groups)
    systemCall('setgroups', setgroupsNumber, groups.length, addressOf(this.#groups))
  }

  #readEffective(): number {
    this.#header.set([capabilityVersion3, 0])
    systemCall('capget', capgetNumber, addressOf(this.#header), addressOf(this.#capabilities))
    return this.#capabilities[0] ?? 0
  }

  #setEffective(effective: number): void {
    this.#readEffective()
    this.#capabilities[0] = effective
    systemCall('capset', capsetNumber, addressOf(this.#header), addressOf(this.#capabilities))
  }
}

const thread = new ThreadCredentials()
