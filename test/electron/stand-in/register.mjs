// Loaded before the built main: `electron` is the stand-in beside this file, which drives Debian's Chromium.
import { registerHooks } from 'node:module'
import { loadedModules } from './loaded-modules.mjs'

const standIn = new URL('./electron.ts', import.meta.url).href

registerHooks({
  resolve: (specifier, context, nextResolve) => {
    const resolved =
      specifier === 'electron'
        ? { url: standIn, format: 'module-typescript', shortCircuit: true }
        : nextResolve(specifier, context)
    loadedModules.add(resolved.url)
    return resolved
  },
})

await import('./answer-test.ts')
