import { expect, it } from 'vitest'
import { describeStaying } from './rollout-text.ts'

const [session, service] = [
  { name: 'kvm-1', mode: 'session' as const },
  { name: 'kvm-2', mode: 'service' as const },
]

it.each([
  ['sessions', [session], 'every host runs the policy; Ctrl-C ends it and puts everything back'],
  ['services', [service], 'the service of every host runs the policy, and goes on with it'],
  [
    'both',
    [session, service, { ...service, name: 'kvm-3' }],
    'every host runs the policy; Ctrl-C ends it on kvm-1 and puts everything back there, and the services of kvm-2, kvm-3 go on with it',
  ],
] as const)('says of %s what goes on and what ends', (_, hosts, words) => {
  expect(describeStaying(hosts)).toBe(words)
})
