import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

const integration = (names: string) => names.split(' ').map((name) => `test/integration/${name}.test.ts`)
/** Touch neither this machine's KSM nor memory that it may merge (so they have no guests), and run beside those that do. */
const beside = [
  ...integration('ssh-* browser-dev browser-links browser-shell clock-step desktop-package'),
  ...integration('history history-files old-kernel server-package service-builds'),
]
/** Load guests and measure what becomes of them: no browser runs beside them. */
const measured = integration('bench bench-cache demo experiment-guard policies-workbench')
/** Look at all processes of this machine. Each project has a time of its own: with the others they would need most of it. */
const machineWide = [
  ...integration('cli ksm ksm-bursts ksm-faults lab large-guests libvirt-host policies real-guests serve'),
  ...integration('service service-notices workbench'),
]
/** In a browser: those that need a lab come one after the other, and beside them those that need none. */
const screens = readdirSync(join(import.meta.dirname, 'test/e2e'))
  .filter((name) => name.endsWith('.test.ts'))
  .map((name) => `test/e2e/${name}`)
const withLab = screens.filter((path) =>
  readFileSync(join(import.meta.dirname, path), 'utf8').includes('upStage'),
)
const withoutLab = screens.filter((path) => !withLab.includes(path))
/** The unit's template is text, as Bun compiles it in. */
const unitAsText = {
  name: 'unit-as-text',
  enforce: 'pre' as const,
  load: (id: string) =>
    id.endsWith('.service') ? `export default ${JSON.stringify(readFileSync(id, 'utf8'))}` : undefined,
}
/** The helper's modules load under Node, which has no bun:ffi; what would call the C library is run as a program. */
const withoutLibc = { alias: { 'bun:ffi': join(import.meta.dirname, 'test/fakes/bun-ffi.ts') } }
/** A state comes when the machine gets to it: the second that vitest polls for would measure the machine. */
const patient = { poll: { timeout: 20_000 } }
/** Three lanes share its cores. */
const patientBeside = { poll: { timeout: 60_000 } }
const withMachine = {
  fileParallelism: false,
  testTimeout: 180_000,
  hookTimeout: 300_000,
  expect: patientBeside,
}

export default defineConfig({
  test: {
    projects: [
      {
        extends: true,
        plugins: [unitAsText],
        resolve: withoutLibc,
        test: {
          name: 'unit',
          // Five seconds would measure the machine: loading all modules of the helper takes two where nothing else runs.
          testTimeout: 30_000,
          expect: patient,
          // No test leaves anything behind in its process, and loading everything anew for each file takes half the time.
          isolate: false,
          include: [
            'src/**/*.test.{ts,tsx}',
            'helper/**/*.test.ts',
            'scripts/**/*.test.ts',
            'test/*.test.ts',
            'test/{bench,beds,fakes,fuzz,replay}/**/*.test.ts',
          ],
        },
      },
      {
        extends: true,
        resolve: withoutLibc,
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          exclude: [...beside, ...measured, ...machineWide],
          ...withMachine,
        },
      },
      {
        extends: true,
        resolve: withoutLibc,
        test: { name: 'machine-wide', include: machineWide, ...withMachine },
      },
      { extends: true, resolve: withoutLibc, test: { name: 'measured', include: measured, ...withMachine } },
      { extends: true, test: { name: 'beside', include: beside, ...withMachine } },
      { extends: true, test: { name: 'e2e', include: withLab, ...withMachine } },
      { extends: true, test: { name: 'e2e-beside', include: withoutLab, ...withMachine } },
    ],
  },
})
