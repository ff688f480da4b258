// `npm run build`: the bundles of the Electron app, and what is in them of others.
import { dirname } from 'node:path'
import { writeBillOfMaterials } from './bill-of-materials.ts'
import { ensureApp } from './built-parts.mjs'

const ROOT = dirname(import.meta.dirname)

try {
  await ensureApp(ROOT, process.argv.slice(2))
  writeBillOfMaterials(ROOT)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
