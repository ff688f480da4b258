import { describe, expect, it } from 'vitest'
import { parseExperiment } from './experiment-arguments.ts'

const values = { json: false, yes: true }
const parse = (words: string, change: Record<string, string | boolean> = {}) =>
  parseExperiment(words.split(' '), { ...values, ...change })

describe('the arguments of an experiment', () => {
  it('ask by documented defaults, and name each host once', () => {
    expect(parse('run kvm-1 kvm-2 kvm-1')).toMatchObject({
      ...{ act: 'run', hosts: ['kvm-1', 'kvm-2'], arms: ['off', 'adaptive'], metric: 'read-latency' },
      ...{ phaseSeconds: 30, warmUpSeconds: 5, pairs: 10, marginRatio: 0.1, minReads: 100, cold: false },
      guards: { policyGuards: true },
    })
  })

  it('take what is written', () => {
    const asked = { ...{ phase: '2m', 'warm-up': '0s', pairs: '6', margin: '5 %', seed: '4294967295' } }
    expect(
      parse('run kvm-1', { ...asked, arms: 'off, off', slowdown: '1.5', 'ignore-policy-guards': true }),
    ).toMatchObject({
      ...{ phaseSeconds: 120, warmUpSeconds: 0, pairs: 6, marginRatio: 0.05, seed: 4_294_967_295 },
      ...{ arms: ['off', 'off'], guards: { policyGuards: false, slowdownFactor: 1.5 } },
    })
  })

  it.each([
    [{ phase: '0s' }, '"0s" is not a duration'],
    [{ phase: '2h' }, '--phase: '],
    [{ phase: '-5s' }, '"-5s" is not a duration'],
    [{ 'warm-up': '1d' }, '"1d" is not a duration'],
    [{ pairs: '0' }, '--pairs: '],
    [{ pairs: '2.5' }, '--pairs: '],
    [{ pairs: 'ten' }, '--pairs needs a number, not "ten"'],
    [{ pairs: '101' }, '--pairs: '],
    [{ margin: '0' }, '--margin: '],
    [{ margin: '-10' }, '--margin needs a number'],
    [{ 'min-reads': '0' }, '--min-reads: '],
    [{ seed: '4294967296' }, '--seed: '],
    [{ slowdown: '1' }, '--slowdown: '],
    [{ slowdown: '' }, '--slowdown needs a number'],
    [{ arms: 'adaptive' }, '--arms needs two names'],
    [{ arms: 'off,adaptive,periodic:30' }, '--arms needs two names'],
    [{ metric: 'latency' }, '--metric needs one of read-latency, hit-ratio'],
    [{ out: 'result.htm' }, '--out needs a FILE that ends in'],
  ])('refuse %j and say which option', (change, said) => {
    expect(() => parse('run kvm-1', change)).toThrow(`cannot read the command line: ${said}`)
  })

  it.each([
    ['run', {}, 'experiment run needs at least one host'],
    ['show', {}, 'experiment needs "plan HOST…"'],
    ['show e1 e2', {}, 'experiment needs "plan HOST…"'],
    ['show e1', { pairs: '6' }, 'experiment show has no option --pairs'],
    ['plan kvm-1', { out: 'plan.html' }, 'experiment plan has no option --out'],
    ['start kvm-1', {}, 'experiment needs "plan HOST…"'],
  ])('refuse "%s" with %j', (words, change, said) => {
    expect(() => parse(words, change)).toThrow(said)
  })
})
