// 100,000 random frames and 10,000 each of policies, answers of monitors and command lines of guests:
//   node test/fuzz/run-random-inputs.ts [SEED]
import { registerHooks } from 'node:module'
import { readKinds } from './read-kinds.ts'

// As in unit tests: nothing that is read here calls the C library, which Node cannot.
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'bun:ffi'
      ? { url: new URL('../fakes/bun-ffi.ts', import.meta.url).href, shortCircuit: true }
      : next(specifier, context),
})
const { readers } = await import('./read-random-input.ts')

const counts = { frames: 100_000, policy: 10_000, monitor: 10_000, 'guest line': 10_000 } as const
/** Mute ones are waited for. */
const monitorsAtOnce = 50
const kinds = Object.entries(readers).map(([name, read]) => ({
  name,
  wanted: counts[name as keyof typeof counts],
  atOnce: name === 'monitor' ? monitorsAtOnce : 1,
  read,
}))
await readKinds(kinds, Number(process.argv[2] ?? 1))
