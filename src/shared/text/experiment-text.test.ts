import { expect, it } from 'vitest'
import { describeInterval } from './experiment-text.ts'

it.each([
  [1.1, 1.32, '1.10x to 1.32x'],
  [0.9996, 1.004, '1.00x to 1.00x'],
  [1.00101, 1.00109, '1.00101x to 1.00109x'],
  [1.000001, 1.2, '1.000001x to 1.20x'],
  [0.8, 0.9999999, '0.80x to 0.9999999x'],
  [1 + Number.EPSILON, 2, '1.0000000000000002x to 2.00x'],
  [0.004, 25, '0.004x to 25.0x'],
])('writes an interval of %d to %d as "%s"', (low, high, text) => {
  expect(describeInterval({ low, high })).toBe(text)
})
