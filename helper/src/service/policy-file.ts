// The policy that the service runs, as the admin or the workbench left it in /etc.
import { existsSync, realpathSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Policy } from '../../../src/shared/contract/policies.ts'
import { defaultPolicy } from '../../../src/shared/policies/policy-file.ts'
import { asProblem, Problem } from '../../../src/shared/problem.ts'
import { isPrivateFolder, removeDurably, writeDurably } from '../changes/state-folders.ts'
import { readPolicy } from '../govern/policy-in-force.ts'
import type { ServicePlaces } from './places.ts'

export interface FoundPolicy {
  /** Absent: there is no policy file, and nothing is run. */
  readonly policy?: Policy
  /** What is wrong with the file, and what is run instead. */
  readonly trouble?: string
}

type Places = Pick<ServicePlaces, 'policy' | 'stoppedPolicy' | 'lastPolicy'>

export class ServicePolicyFile {
  readonly #places: Places

  constructor(places: Places) {
    this.#places = places
  }

  get isThere(): boolean {
    return existsSync(this.#places.policy)
  }

  /** A file that cannot be used gives way to the last one that could, or to one that only observes. */
  read(): FoundPolicy {
    const { policy: path, lastPolicy } = this.#places
    if (!this.isThere) return {}
    try {
      requireOwn(path)
      const policy = readPolicy(path)
      this.#remember(policy)
      return { policy }
    } catch (error) {
      const last = existsSync(lastPolicy) ? this.#readLast() : undefined
      const instead =
        last === undefined ? 'only observes' : 'the service goes on with the last policy that could be used'
      return { policy: last ?? defaultPolicy, trouble: `${asProblem(error).message}; ${instead}` }
    }
  }

  /** Replaces the file as a whole, by rename. */
  save(policy: Policy): void {
    writeDurably(this.#places.policy, textOf(policy))
    this.#remember(policy)
  }

  /** Kept beside the file, for people: nothing runs it any more, after a reboot neither. */
  setAside(): void {
    const { policy } = this.read()
    if (policy === undefined) return
    writeDurably(this.#places.stoppedPolicy, textOf(policy))
    removeDurably(this.#places.policy)
  }

  /** All that was ever written of it. */
  remove(): void {
    for (const path of [this.#places.policy, this.#places.stoppedPolicy, this.#places.lastPolicy])
      if (existsSync(path)) removeDurably(path)
  }

  #remember(policy: Policy): void {
    writeDurably(this.#places.lastPolicy, textOf(policy))
  }

  #readLast(): Policy | undefined {
    try {
      return readPolicy(this.#places.lastPolicy)
    } catch (error) {
      if (asProblem(error).code === 'bad-input') return undefined
      throw error
    }
  }
}

/** Root acts on what the file says: nobody else may have written it. A link to a file of root's is followed. */
function requireOwn(path: string): void {
  const file = realpathSync(path)
  const { uid, mode } = statSync(file)
  const isOurs = (uid === 0 || uid === process.geteuid?.()) && (mode & 0o022) === 0
  if (isOurs && isPrivateFolder(dirname(file))) return
  throw new Problem('not-permitted', `cannot use the policy file ${path}: other users could have written it`)
}

function textOf(policy: Policy): string {
  return `${JSON.stringify(policy, null, 2)}\n`
}
