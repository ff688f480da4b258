import { describe, expect, it } from 'vitest'
import { parseServiceArgs } from './service-command.ts'

describe('the arguments of service', () => {
  it.each([
    [['run'], { act: 'run', replace: false, json: false }],
    [['restore'], { act: 'restore', replace: false, json: false }],
    [
      ['install', '--policy', 'p.json', '--replace', '--json'],
      { act: 'install', policyPath: 'p.json', replace: true, json: true },
    ],
    // A shell's empty variable: no file has this name, and the policy of the host is not taken in its place.
    [['install', '--policy', ''], { act: 'install', policyPath: '', replace: false, json: false }],
    [
      ['install', '--policy', 'p.json', '--replace'],
      { act: 'install', policyPath: 'p.json', replace: true, json: false },
    ],
  ])('%j', (args, expected) => expect(parseServiceArgs(args)).toEqual(expected))

  it.each([
    [[]],
    [['fly']],
    [['status', 'now']],
    [['remove', '--policy', 'p.json']],
    [['install', '--replace']],
    [['run', '--fast']],
  ])('refuse %j', (args) => expect(() => parseServiceArgs(args)).toThrow())
})
