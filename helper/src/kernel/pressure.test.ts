import { expect, it } from 'vitest'
import { parsePressure, readPressure } from './pressure.ts'

it.each([
  [
    'some avg10=12.50 avg60=0.00 avg300=0.00 total=1\nfull avg10=1.00 avg60=0 avg300=0 total=1\n',
    { someRatio: 0.125, fullRatio: 0.01 },
  ],
  ['some avg10=0.00 avg60=0.00\n', { someRatio: 0 }],
  ['some avg10=100.01 avg60=0.00\n', { someRatio: 1 }],
  ['some avg10=nonsense\n', {}],
  ['', {}],
])('parses pressure %j', (text, pressure) => expect(parsePressure(text)).toEqual(pressure))

it('is absent where the kernel has none', async () => {
  expect(await readPressure({ proc: '/nowhere', sys: '/nowhere' }, 'memory')).toEqual({})
})
