// Choices that this browser keeps, each a word in localStorage; absent is the default.
import { useCallback, useSyncExternalStore } from 'react'

const listeners = new Set<() => void>()

/** What was chosen before, as text, and the way to choose; undefined removes it. */
export function useStoredText(name: string): [string | undefined, (value: string | undefined) => void] {
  const key = `singleton-${name}`
  const value = useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => localStorage.getItem(key) ?? undefined,
  )
  const choose = useCallback(
    (next: string | undefined) => {
      if (next === undefined) localStorage.removeItem(key)
      else localStorage.setItem(key, next)
      for (const listener of listeners) listener()
    },
    [key],
  )
  return [value, choose]
}

/** On or off; off where nothing was chosen. */
export function useSetting(name: string): [boolean, (on: boolean) => void] {
  const [value, choose] = useStoredText(name)
  return [value !== undefined, (on) => choose(on ? 'yes' : undefined)]
}
