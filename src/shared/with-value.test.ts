import { expect, it } from 'vitest'
import { withValue } from './with-value.ts'

it('keeps what has a value, and leaves the rest out instead of undefined', () => {
  const fields = withValue({ zero: 0, empty: '', no: false, none: null, absent: undefined })
  expect(Object.keys(fields)).toEqual(['zero', 'empty', 'no', 'none'])
})
