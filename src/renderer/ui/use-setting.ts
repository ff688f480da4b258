// Choices of the person, each a word or a text that the workbench keeps; absent is the default.
import { useCallback } from 'react'
import { useFleet, useStore } from '../store/use-fleet.ts'

/** What was chosen before, as text, and the way to choose; undefined removes it. Absent until the fleet is listed. */
export function useStoredText(name: string): [string | undefined, (value: string | undefined) => void] {
  const store = useStore()
  const value = useFleet(({ choices }) => choices?.[name])
  const choose = useCallback((next: string | undefined) => store.choose(name, next), [store, name])
  return [value, choose]
}

/** On or off; off where nothing was chosen. */
export function useSetting(name: string): [boolean, (on: boolean) => void] {
  const [value, choose] = useStoredText(name)
  return [value !== undefined, (on) => choose(on ? 'yes' : undefined)]
}
