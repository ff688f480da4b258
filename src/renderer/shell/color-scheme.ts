// Light or dark: kept by the workbench, and for the first paint by this browser too.
import type { MantineColorScheme, MantineColorSchemeManager } from '@mantine/core'
import type { FleetStore } from '../store/fleet-store.ts'

const name = 'color-scheme'
const stored = `singleton-${name}`

type Chosen = Exclude<MantineColorScheme, 'auto'> | undefined

/** What the workbench says counts; until it has said so, what this browser drew last. */
export function colorSchemeOf(
  store: Pick<FleetStore, 'subscribe' | 'snapshot' | 'choose'>,
  storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>,
): MantineColorSchemeManager {
  let shown = readScheme(storage.getItem(stored) ?? undefined)
  let leave: (() => void) | undefined
  const remember = (scheme: Chosen) => {
    shown = scheme
    if (scheme === undefined) storage.removeItem(stored)
    else storage.setItem(stored, scheme)
  }
  const choose = (scheme: Chosen) => {
    remember(scheme)
    store.choose(name, scheme)
  }
  return {
    get: (fallback) => shown ?? fallback,
    // Mantine also sets what it was told below: sent back, it would undo what was chosen elsewhere in between.
    set: (scheme) => {
      const chosen = readScheme(scheme)
      if (chosen !== shown) choose(chosen)
    },
    subscribe: (onUpdate) => {
      leave = store.subscribe(() => {
        const { choices } = store.snapshot()
        if (!choices) return
        const kept = readScheme(choices[name])
        if (kept === shown) return
        remember(kept)
        onUpdate(kept ?? 'auto')
      })
    },
    unsubscribe: () => leave?.(),
    clear: () => choose(undefined),
  }
}

function readScheme(text: string | undefined): Chosen {
  return text === 'light' || text === 'dark' ? text : undefined
}
