import { expect, it } from 'vitest'
import { parseUptimeSeconds } from './uptime.ts'

it('parses seconds since boot', () => expect(parseUptimeSeconds('5121.37 9876.54\n')).toBe(5121.37))

it.each(['', '\n', 'soon'])('refuses %j', (text) =>
  expect(() => parseUptimeSeconds(text)).toThrow('it has no number'),
)
