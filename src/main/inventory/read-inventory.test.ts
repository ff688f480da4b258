import { monitorEventLoopDelay } from 'node:perf_hooks'
import { expect, it } from 'vitest'
import { readInventory } from './read-inventory.ts'

it('parses in a thread of its own', async () => {
  const { hosts, problems } = await readInventory('[kvm]\nh[1:1200]\nx ansible_host={{ip}}\n')
  expect(hosts).toHaveLength(1201)
  expect(hosts[700]).toMatchObject({ name: 'h701', address: 'h701', tags: ['kvm'], line: 2 })
  expect(problems).toEqual([{ line: 3, text: 'ansible_host is a template and was ignored' }])
})

it.each([
  ['a range of ranges', '[k]\nh[1:9999][1:9999]', /line 2 .*more than 10000 hosts/],
  [
    'many ranges',
    `[k]\n${Array.from({ length: 40 }, (_, each) => `h${each}[1:9999]`).join('\n')}`,
    /10000 hosts/,
  ],
  ['a long list', Array.from({ length: 20_000 }, (_, each) => `h${each}`).join(','), /10000 hosts/],
  ['nested sequences', `a: ${'['.repeat(100_000)}`, /nested too deep/],
  ['nested maps', '{"a": '.repeat(20_000), /nested too deep/],
  [
    'nested groups',
    Array.from({ length: 40 }, (_, each) => `${' '.repeat(2 * each)}children:`).join('\n'),
    /line/,
  ],
  ['a circle', 'a:\n  children: {b: }\nb:\n  children: {a: }', /its own ancestor/],
])('refuses %s, naming the reason', async (_, text, reason) => {
  await expect(readInventory(text)).rejects.toMatchObject({
    code: 'bad-input',
    message: expect.stringMatching(reason),
  })
})

it('resolves thousands of aliases without walking the document for each', async () => {
  const anchors = Array.from({ length: 5000 }, (_, each) => `a${each}: &x${each} {hosts: {h${each}: }}`)
  const aliases = Array.from({ length: 5000 }, (_, each) => `b${each}: *x${each}`)
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const { hosts } = await readInventory([...anchors, ...aliases].join('\n'))
  delay.disable()
  console.log(`main was held for ${(delay.max / 1e6).toFixed(0)} ms at most`)
  expect(hosts).toHaveLength(5000)
  expect(hosts[4999]?.tags).toEqual(['a4999', 'b4999'])
})
