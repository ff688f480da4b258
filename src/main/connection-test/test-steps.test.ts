import { describe, expect, it } from 'vitest'
import { connectionStages, type TestStep, testStep } from '../../shared/contract/index.ts'
import { Problem } from '../../shared/problem.ts'
import { TestSteps } from './test-steps.ts'

const shown = (steps: readonly TestStep[]) => steps.map(({ stage, state }) => `${stage} ${state}`)

describe('TestSteps', () => {
  it('ends a stage where the next begins, and names what was not reached after a failure', () => {
    const seen: string[][] = []
    const steps = new TestSteps((list) => seen.push(shown(list)))
    steps.begin('configuration', 'kvm01')
    steps.skip('resolve', 'root@10.0.0.7:22', 'it is an address')
    steps.begin('tcp', 'root@10.0.0.7:22')
    steps.fact('to 10.0.0.7 port 22')
    steps.fail(new Problem('unreachable', 'cannot connect to root@10.0.0.7:22: connection refused'))
    const list = steps.finish('kvm01')
    expect(shown(list)).toEqual([
      'configuration ok',
      'resolve skipped',
      'tcp failed',
      ...connectionStages.slice(3).map((stage) => `${stage} skipped`),
    ])
    expect(list[2]).toMatchObject({ facts: ['to 10.0.0.7 port 22'], problem: { code: 'unreachable' } })
    expect(list[2]?.problem?.remedy).toMatch(/sshd/)
    expect(list.at(-1)?.facts).toEqual(['not reached'])
    for (const step of list) expect(testStep.parse(step)).toEqual(step)
    expect(seen[0]).toEqual(['configuration running'])
  })

  it('goes on after a lack, with the remedy of the Problem itself', () => {
    const steps = new TestSteps(() => undefined)
    steps.begin('root', 'a')
    steps.lack(new Problem('not-permitted', 'continuing without root', { remedy: 'Use sudo.' }))
    steps.begin('helper', 'a')
    const list = steps.finish('a')
    expect(list.filter(({ state }) => state !== 'skipped').map(({ stage }) => stage)).toEqual([
      'root',
      'helper',
    ])
    expect(list.find(({ stage }) => stage === 'root')?.problem?.remedy).toBe('Use sudo.')
  })

  it('does not count the time in which a person answers', async () => {
    const steps = new TestSteps(() => undefined)
    steps.begin('login', 'a')
    const clock = performance.now
    let now = 1000
    performance.now = () => now
    try {
      steps.begin('login', 'b')
      const ask = steps.withoutWaiting(async () => {
        now += 5000
        return { kind: 'cancel' }
      })
      const question = { kind: 'host-key', address: 'a', keyType: 'x', fingerprint: 'y' } as const
      await ask(question, new AbortController().signal)
      now += 250
      const step = steps.finish('b').find(({ on, state }) => on === 'b' && state === 'ok')
      expect(step).toMatchObject({ seconds: 0.25, facts: ['waited 5 s for your answer'] })
    } finally {
      performance.now = clock
    }
  })
})
