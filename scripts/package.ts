// `npm run package`: dist/singleton-workbench-server_VERSION_ARCH.deb, the workbench for machines without a display.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { writeBillOfMaterials } from './bill-of-materials.ts'
import { ensureApp } from './built-parts.mjs'
import { buildDeb } from './package/deb.ts'
import { layOutServer } from './package/server-tree.ts'

const ROOT = dirname(import.meta.dirname)

async function buildPackage(): Promise<string> {
  await ensureApp(ROOT, ['--logLevel', 'warn'])
  writeBillOfMaterials(ROOT)
  const folder = mkdtempSync(join(tmpdir(), 'singleton-package-'))
  try {
    const tree = join(folder, 'tree')
    layOutServer(ROOT, tree)
    mkdirSync(join(ROOT, 'dist'), { recursive: true })
    return await buildDeb(ROOT, tree, join(ROOT, 'dist'))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

try {
  console.log(await buildPackage())
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
