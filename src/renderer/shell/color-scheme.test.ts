import { expect, it } from 'vitest'
import type { KeptChoices } from '../../shared/contract/index.ts'
import { emptyFleet } from '../store/fleet-state.ts'
import { colorSchemeOf } from './color-scheme.ts'

/** A browser that has drawn `drawn` before, and a workbench that says what it keeps when it is told to. */
function open(drawn?: string) {
  const kept = new Map<string, string>(drawn === undefined ? [] : [['singleton-color-scheme', drawn]])
  const chosen: (string | undefined)[] = []
  let choices: KeptChoices | undefined
  let told: () => void = () => undefined
  const store = {
    snapshot: () => ({ ...emptyFleet, choices }),
    subscribe: (listener: () => void) => {
      told = listener
      return () => undefined
    },
    choose: (_name: string, value: string | undefined) => void chosen.push(value),
  }
  const manager = colorSchemeOf(store, {
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, value) => void kept.set(name, value),
    removeItem: (name) => void kept.delete(name),
  })
  const shown: string[] = []
  manager.subscribe((scheme) => shown.push(scheme))
  const say = (next: KeptChoices) => {
    choices = next
    told()
  }
  return { manager, chosen, shown, kept, say }
}

it('draws first what it drew last, and then what the workbench keeps', () => {
  const { manager, shown, kept, say } = open('light')
  expect(manager.get('auto')).toBe('light')
  say({ 'color-scheme': 'dark' })
  say({ 'color-scheme': 'dark', 'keys-off': 'yes' })
  expect(shown).toEqual(['dark'])
  expect(kept.get('singleton-color-scheme')).toBe('dark')
})

it('hands a choice to the workbench, and follows the system when that is chosen', () => {
  const { manager, chosen, shown, kept, say } = open()
  expect(manager.get('auto')).toBe('auto')
  manager.set('dark')
  say({ 'color-scheme': 'dark' })
  expect(shown).toEqual([])
  manager.set('auto')
  expect(chosen).toEqual(['dark', undefined])
  expect(kept.size).toBe(0)
})

it('does not send back what the workbench told it', () => {
  const { manager, chosen, shown, say } = open()
  // As Mantine's provider does.
  manager.subscribe((scheme) => {
    shown.push(scheme)
    manager.set(scheme)
  })
  say({ 'color-scheme': 'dark' })
  say({})
  expect(shown).toEqual(['dark', 'auto'])
  expect(chosen).toEqual([])
})

it('takes what is no scheme for none', () => {
  const { manager, shown, say } = open('purple')
  expect(manager.get('auto')).toBe('auto')
  say({ 'color-scheme': 'purple' })
  expect(shown).toEqual([])
})
