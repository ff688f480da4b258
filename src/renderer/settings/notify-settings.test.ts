import { expect, it } from 'vitest'
import { readNotifySettings } from '../model/quiet-hours.ts'
import { emptyFleet } from '../store/fleet-state.ts'
import { changeNotifySettings } from './notify-settings.ts'

it('leaves what was changed since the form was drawn', () => {
  let choices: Record<string, string> = {}
  const store = {
    snapshot: () => ({ ...emptyFleet, choices }),
    choose: (name: string, value = '') => {
      choices = { ...choices, [name]: value }
    },
  }
  // Both by a form that shows the usual settings.
  changeNotifySettings(store, { quietFrom: '22:00' })
  changeNotifySettings(store, { desktop: true })
  expect(readNotifySettings(choices.notify)).toEqual({ desktop: true, quietFrom: '22:00', quietTo: '00:00' })
})
