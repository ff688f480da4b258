// policies.json: policies by name with their versions, and the hosts and tags that each is assigned to.
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import {
  maxNamedPolicies,
  maxPolicyVersions,
  type NamedPolicy,
  namedPolicy,
  type PolicyVersion,
  policyVersion,
} from '../../shared/contract/index.ts'
import { parsePolicyFile } from '../../shared/policies/policy-file.ts'
import { Problem } from '../../shared/problem.ts'
import { InTurn } from '../../shared/time/in-turn.ts'
import { wallClock } from '../../shared/time/wall-clock.ts'
import type { Announce } from '../announcer.ts'
import { readStateFile, writeStateFile } from '../state-files/state-file.ts'

const keptPolicy = namedPolicy.pick({ name: true, hostIds: true, tags: true }).extend({
  /** The oldest first. */
  versions: z.array(policyVersion).min(1).max(maxPolicyVersions),
})
type KeptPolicy = z.infer<typeof keptPolicy>
const policiesFile = z.object({
  version: z.literal(1),
  policies: z.array(keptPolicy).max(maxNamedPolicies),
})

export interface LibraryParts {
  readonly dataDirectory: string
  readonly announce: Announce
  readonly onProblem: (problem: Problem) => void
}

export class PolicyLibrary {
  readonly #path: string
  readonly #parts: LibraryParts
  readonly #edits = new InTurn()

  constructor(parts: LibraryParts) {
    this.#parts = parts
    this.#path = join(parts.dataDirectory, 'policies.json')
  }

  /** By name. */
  async list(): Promise<NamedPolicy[]> {
    return (await this.#edits.run(() => this.#read())).map(newest)
  }

  async versions(name: string): Promise<PolicyVersion[]> {
    const kept = await this.#edits.run(() => this.#read())
    return [...findPolicy(kept, name).versions]
  }

  /** A new version, unless the text is that of the newest. Throws `bad-input` for what is no policy. */
  async save(name: string, text: string): Promise<NamedPolicy> {
    parsePolicyFile(text)
    return await this.#edit(name, (policies) => {
      const before = policies.find((one) => one.name === name)
      if (before === undefined)
        return [...policies, { name, hostIds: [], tags: [], versions: [firstOf(text)] }]
      return policies.map((one) => (one === before ? withVersion(one, text) : one))
    })
  }

  async remove(name: string): Promise<void> {
    await this.#change((policies) => {
      const gone = findPolicy(policies, name)
      return policies.filter((one) => one !== gone)
    })
  }

  /** Takes the hosts and tags from whatever policy had them. */
  assign(name: string, hostIds: readonly string[], tags: readonly string[]): Promise<NamedPolicy> {
    const others = (one: KeptPolicy): KeptPolicy => ({
      ...one,
      hostIds: one.hostIds.filter((id) => !hostIds.includes(id)),
      tags: one.tags.filter((tag) => !tags.includes(tag)),
    })
    return this.#edit(name, (policies) => {
      findPolicy(policies, name)
      return policies.map((one) =>
        one.name === name
          ? { ...one, hostIds: [...new Set(hostIds)], tags: [...new Set(tags)] }
          : others(one),
      )
    })
  }

  async #edit(name: string, apply: (policies: readonly KeptPolicy[]) => readonly KeptPolicy[]) {
    return newest(findPolicy(await this.#change(apply), name))
  }

  /** Applies to what is in the file now: another workbench with the same data may have written it. */
  #change(apply: (policies: readonly KeptPolicy[]) => readonly KeptPolicy[]): Promise<readonly KeptPolicy[]> {
    return this.#edits.run(async () => {
      const policies = apply(await this.#read()).toSorted((a, b) => (a.name < b.name ? -1 : 1))
      await writeStateFile(this.#path, policiesFile, { version: 1, policies })
      this.#parts.announce('policies/named', { policies: policies.map(newest) })
      return policies
    })
  }

  async #read(): Promise<readonly KeptPolicy[]> {
    const file = await readStateFile(this.#path, policiesFile, this.#parts.onProblem)
    return file?.policies ?? []
  }
}

function findPolicy(policies: readonly KeptPolicy[], name: string): KeptPolicy {
  const found = policies.find((one) => one.name === name)
  if (found === undefined) throw new Problem('not-found', `cannot find the policy "${name}"`)
  return found
}

function newest({ name, hostIds, tags, versions }: KeptPolicy): NamedPolicy {
  const last = versions.at(-1)
  if (last === undefined) throw new Problem('internal', `cannot show the policy "${name}": it has no version`)
  return { name, hostIds, tags, ...last }
}

function firstOf(text: string, version = 1): PolicyVersion {
  return { version, at: wallClock(), author: userInfo().username, text }
}

function withVersion(policy: KeptPolicy, text: string): KeptPolicy {
  const { versions } = policy
  const last = newest(policy)
  if (last.text === text) return policy
  return { ...policy, versions: [...versions, firstOf(text, last.version + 1)].slice(-maxPolicyVersions) }
}
