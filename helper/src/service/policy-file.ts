// The policy that the service runs, as the admin or the workbench left it in /etc.
import { existsSync, linkSync, lstatSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { Policy } from '../../../src/shared/contract/policies.ts'
import { defaultPolicy } from '../../../src/shared/policies/policy-file.ts'
import { asProblem, Problem } from '../../../src/shared/problem.ts'
import type { Actor } from '../changes/audit.ts'
import { isPrivateFolder, moveDurably, removeDurably, writeDurably } from '../changes/state-folders.ts'
import { readPolicy } from '../govern/policy-in-force.ts'
import { systemProblem } from '../kernel/system-error.ts'
import type { ServicePlaces } from './places.ts'
import { describeOrigin, type PolicyOrigin, readOrigin, writeOrigin } from './policy-origin.ts'

export interface FoundPolicy {
  /** Absent: there is no policy file, and nothing is run. */
  readonly policy?: Policy
  /** Who set it, and when; absent: it was written by hand, or by another program. */
  readonly origin?: PolicyOrigin
  /** What is wrong with the file, and what is run instead. */
  readonly trouble?: string
}

type Places = Pick<ServicePlaces, 'policy' | 'stoppedPolicy' | 'brokenPolicy' | 'lastPolicy' | 'policyOrigin'>

export class ServicePolicyFile {
  readonly #places: Places
  readonly #warn: (line: string) => void

  /** `warn`: told what could not be kept beside the file; the policy is in force all the same. */
  constructor(places: Places, warn: (line: string) => void) {
    this.#places = places
    this.#warn = warn
  }

  get isThere(): boolean {
    return existsSync(this.#places.policy)
  }

  /** Who set the policy of the file, or since when it is in there: a clause that follows the policy. */
  describeSet(origin: PolicyOrigin | undefined): string {
    if (origin !== undefined) return describeOrigin(origin)
    const { policy } = this.#places
    const written = statSync(policy, { throwIfNoEntry: false })?.mtime.toISOString()
    return `which was written to ${policy}${written === undefined ? '' : ` on ${written}`}`
  }

  /**
   * A file that cannot be used gives way to the last one that could, or to one that only observes. What it says wrongly
   * is set aside for people, with the policy that runs instead in its place: the next start finds no fault again.
   */
  read(): FoundPolicy {
    const { policy: path, policyOrigin } = this.#places
    if (!this.isThere) return {}
    let policy: Policy
    try {
      requireOwn(path)
      policy = readPolicy(path)
    } catch (error) {
      return this.#giveWay(asProblem(error))
    }
    this.#keep(() => writeDurably(this.#places.lastPolicy, textOf(policy)))
    const origin = this.#keep(() => readOrigin(policyOrigin))
    return { policy, ...(origin && isDeepStrictEqual(origin.policy, policy) && { origin }) }
  }

  /**
   * Replaces the file as a whole, by rename. Returns what puts back the one before and who set it, for a policy that does
   * not start.
   */
  save(policy: Policy, origin: Actor & { readonly at: number }): () => void {
    const { policy: path, lastPolicy, policyOrigin } = this.#places
    const before = [path, lastPolicy, policyOrigin].map((one) => ({
      path: one,
      text: existsSync(one) ? readText(one) : undefined,
    }))
    writeDurably(path, textOf(policy))
    this.#keep(() => writeDurably(lastPolicy, textOf(policy)))
    this.#keep(() => writeOrigin(policyOrigin, { ...origin, policy }))
    return () => {
      for (const one of before)
        this.#keep(() =>
          one.text === undefined ? removeDurably(one.path) : writeDurably(one.path, one.text),
        )
    }
  }

  /** Kept beside the file, for people: nothing runs it any more, after a reboot neither. Needs no space on the disk. */
  setAside(): void {
    const { policy, stoppedPolicy } = this.#places
    if (isEntry(policy)) moveDurably(policy, stoppedPolicy)
  }

  /** All that was ever written of it. */
  remove(): void {
    const { policy, stoppedPolicy, brokenPolicy, lastPolicy, policyOrigin } = this.#places
    for (const path of [policy, stoppedPolicy, brokenPolicy, lastPolicy, policyOrigin])
      if (isEntry(path)) removeDurably(path)
  }

  #giveWay(problem: Problem): FoundPolicy {
    const last = this.#readLast()
    const policy = last ?? defaultPolicy()
    // Whose rights are wrong, and what it says may be right: that is mended in its place.
    const isSetAside = problem.code === 'bad-input' && this.#setBrokenAside(policy)
    const aside = isSetAside ? `; it was set aside as ${this.#places.brokenPolicy}` : ''
    const instead =
      last === undefined ? 'only observes' : 'the service goes on with the last policy that could be used'
    return { policy, trouble: `${problem.message}${aside}; ${instead}` }
  }

  /** Its text is in one of the two places at every moment. */
  #setBrokenAside(instead: Policy): boolean {
    const { policy, brokenPolicy } = this.#places
    const isDone = this.#keep(() => {
      rmSync(brokenPolicy, { force: true })
      linkSync(policy, brokenPolicy)
      writeDurably(policy, textOf(instead))
      return true
    })
    return isDone === true
  }

  #readLast(): Policy | undefined {
    const { lastPolicy } = this.#places
    if (!existsSync(lastPolicy)) return undefined
    try {
      return readPolicy(lastPolicy)
    } catch (error) {
      if (asProblem(error).code === 'bad-input') return undefined
      throw error
    }
  }

  /** What helps later and is not needed now must not keep a policy from running or from being stopped. */
  #keep<T>(work: () => T): T | undefined {
    try {
      return work()
    } catch (error) {
      const problem = systemProblem(error, 'keep the policy of the service')
      if (problem.code === 'internal') throw problem
      this.#warn(problem.message)
      return undefined
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

/** A link that leads nowhere is one, too. */
function isEntry(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw systemProblem(error, `read ${path}`)
  }
}

function textOf(policy: Policy): string {
  return `${JSON.stringify(policy, null, 2)}\n`
}
