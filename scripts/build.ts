// `npm run build`: the bundles of the Electron app, and what is in them of others.
import { dirname, join } from 'node:path'
import { writeBillOfMaterials } from './bill-of-materials.ts'
import { runForeground } from './child-process.mjs'

const ROOT = dirname(import.meta.dirname)

try {
  const vite = join(ROOT, 'node_modules/electron-vite/bin/electron-vite.js')
  process.exitCode = await runForeground(process.execPath, [vite, 'build', ...process.argv.slice(2)], {
    cwd: ROOT,
  })
  writeBillOfMaterials(ROOT)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
