import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

/** Need neither this machine's KSM nor running guests, so they run beside those that do. */
const beside = [
  'test/integration/ssh-*.test.ts',
  'test/integration/{clock-step,browser-links,browser-shell,desktop-package,faults-images,history,history-files,old-kernel}.test.ts',
]
/** The unit's template is text, as Bun compiles it in. */
const unitAsText = {
  name: 'unit-as-text',
  enforce: 'pre' as const,
  load: (id: string) =>
    id.endsWith('.service') ? `export default ${JSON.stringify(readFileSync(id, 'utf8'))}` : undefined,
}
const withMachine = { fileParallelism: false, testTimeout: 120_000, hookTimeout: 180_000 }

export default defineConfig({
  test: {
    projects: [
      {
        extends: true,
        plugins: [unitAsText],
        resolve: { alias: { 'bun:ffi': join(import.meta.dirname, 'test/fakes/bun-ffi.ts') } },
        test: {
          name: 'unit',
          // No test leaves anything behind in its process, and loading everything anew for each file takes half the time.
          isolate: false,
          include: [
            'src/**/*.test.{ts,tsx}',
            'helper/**/*.test.ts',
            'scripts/**/*.test.ts',
            'test/{bench,beds,fakes,fuzz,replay}/**/*.test.ts',
          ],
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          exclude: beside,
          ...withMachine,
        },
      },
      { extends: true, test: { name: 'beside', include: beside, ...withMachine } },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          ...withMachine,
        },
      },
    ],
  },
})
