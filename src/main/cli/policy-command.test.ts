import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openPolicyHosts, type PolicyHost, type PolicyHosts } from '../../../test/fakes/policy-hosts.ts'
import { type PolicyStart, policySchema } from '../../shared/contract/index.ts'
import { Problem } from '../../shared/problem.ts'
import { readPolicyStatus, startPolicy, stopPolicy } from '../policies/host-policy.ts'
import { type CommandTools, quietly } from './command-tools.ts'
import { runPolicy } from './policy-command.ts'

let folder: string
let bed: PolicyHosts
let printed: string[]
let tools: CommandTools

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'singleton-policy-command-'))
  bed = await openPolicyHosts(folder, policySchema.parse({ scrub: { mode: 'adaptive' } }))
  printed = []
  const { fleet, announcer } = bed
  const handlers = {
    'policies/status': ({ hostId }: { hostId: string }) =>
      readPolicyStatus(fleet, hostId, new AbortController().signal),
    'policies/start': ({ hostId, ...start }: PolicyStart & { hostId: string }, context: never) =>
      startPolicy(fleet, hostId, start, context),
    'policies/stop': ({ hostId }: { hostId: string }, context: never) => stopPolicy(fleet, hostId, context),
  }
  const terminal = {
    interactive: false,
    print: (text: string) => printed.push(text),
    warn: () => undefined,
    showProgress: () => undefined,
  }
  tools = {
    workbench: { handlers, fleet, subscribe: announcer.subscribe.bind(announcer) },
    terminal,
    signal: new AbortController().signal,
  } as unknown as CommandTools
  await fleet.addAll(['a', 'b'].map((address) => ({ address, mode: 'change' as const })))
})
afterEach(async () => {
  await bed.fleet.close()
  rmSync(folder, { recursive: true })
})

const command = (act: 'status' | 'start') =>
  ({ kind: 'policy', act, hosts: ['a', 'b'], json: false, yes: true, replace: false }) as Parameters<
    typeof runPolicy
  >[0]

describe('the exit code', () => {
  it('of "policy status" is 1 where a policy ended by itself on one host', async () => {
    expect(await runPolicy(command('status'), tools)).toBe(0)
    const host = bed.hosts.get('b')
    if (host) host.ended = 'cannot run the policy: the image is gone'
    expect(await runPolicy(command('status'), tools)).toBe(1)
    expect(printed.at(-1)).toContain('the last one ended: cannot run the policy: the image is gone')
  })

  it('of "policy start" is 1 where it ends by itself, which ends the wait there', async () => {
    const result = runPolicy(command('start'), tools)
    await expect.poll(() => [...bed.hosts.values()].filter(({ running }) => running)).toHaveLength(2)
    for (const host of bed.hosts.values()) Object.assign(host, { running: false, ended: 'a guard ended it' })
    expect(await result).toBe(1)
    expect(printed.at(-1)).toContain('the last one ended: a guard ended it')
  })
})

describe('a "policy start" whose answer is lost', () => {
  const lost = () => new Problem('timed-out', 'cannot start a policy: no answer')
  const starting = () => {
    const policyPath = join(folder, 'policy.json')
    writeFileSync(policyPath, '{ "scrub": { "mode": "adaptive" } }')
    return { ...command('start'), hosts: ['a'], policyPath }
  }
  const connected = async () => {
    const [saved] = bed.fleet.saved()
    await bed.fleet.connect(saved?.id ?? '', quietly)
    return bed.hosts.get('a') as PolicyHost
  }

  it('is looked for, and goes on where the policy runs', async () => {
    const host = await connected()
    host.lostAnswer = lost()
    const result = runPolicy(starting(), tools)
    await expect
      .poll(() => printed)
      .toContain('a: the policy runs (scrub adaptive, KSM observe); Ctrl-C ends it')
    Object.assign(host, { running: false, ended: 'a guard ended it' })
    expect(await result).toBe(1)
    expect(printed.at(-1)).toContain('the last one ended: a guard ended it')
  })

  it('has failed where the policy does not run', async () => {
    const host = await connected()
    host.refusal = lost()
    expect(await runPolicy(starting(), tools)).toBe(1)
    expect(printed.at(-1)).toContain(
      'no answer; the host was asked afterwards: the policy does not run there',
    )
  })
})
