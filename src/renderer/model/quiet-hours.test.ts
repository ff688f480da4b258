import { expect, it } from 'vitest'
import { isQuiet, readNotifySettings, usualNotifySettings } from './quiet-hours.ts'

const at = (clock: string) => new Date(`2026-11-29T${clock}:30`).getTime()
const hours = (quietFrom: string, quietTo: string) => ({ ...usualNotifySettings, quietFrom, quietTo })

it.each([
  ['12:00', '13:00', '12:00', true],
  ['12:00', '13:00', '13:00', false],
  ['12:00', '13:00', '11:59', false],
  ['22:00', '07:00', '23:15', true],
  ['22:00', '07:00', '06:59', true],
  ['22:00', '07:00', '07:00', false],
  ['00:00', '00:00', '00:00', false],
])('from %s to %s, at %s quiet: %s', (from, to, now, quiet) => {
  expect(isQuiet(hours(from, to), at(now))).toBe(quiet)
})

it.each([undefined, '', '{"desktop":true}', '{"desktop":true,"quietFrom":"25:00","quietTo":"07:00"}'])(
  'takes the usual for %s',
  (text) => expect(readNotifySettings(text)).toEqual(usualNotifySettings),
)

it('reads what was chosen', () => {
  const chosen = { desktop: true, quietFrom: '22:00', quietTo: '07:00' }
  expect(readNotifySettings(JSON.stringify(chosen))).toEqual(chosen)
})
