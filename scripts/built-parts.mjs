// Builds the parts that a command shows or deploys, when they are missing or older than their sources.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runForeground } from './child-process.mjs'
import { digestInputs } from './input-digest.mjs'
import { withLockFile } from './lock-file.mjs'

const RENDERER_INPUTS = [
  'src/renderer',
  'src/shared',
  'vite.renderer.config.ts',
  'tsconfig.base.json',
  'package-lock.json',
]

/**
 * helper/build.mjs knows by itself whether its output is current.
 * @param {string} root @param {string} node @param {Record<string, string | undefined>} env
 */
export async function ensureHelper(root, node, env) {
  const code = await runForeground(node, [join(root, 'helper/build.mjs'), '--quiet'], { cwd: root, env })
  if (code !== 0) throw new Error(`cannot build the helper: build ended with code ${code}; see above`)
}

/**
 * Builds out/renderer for the browser shell, without Electron's own two bundles.
 * @param {string} root @param {string} node @param {Record<string, string | undefined>} env
 */
export async function ensureRenderer(root, node, env) {
  if (isRendererCurrent(root)) return
  await withLockFile(join(root, 'out/renderer.lock'), 'building the renderer', async () => {
    if (isRendererCurrent(root)) return
    process.stderr.write('building the renderer\n')
    const vite = join(root, 'node_modules/vite/bin/vite.js')
    const digest = digestInputs(root, RENDERER_INPUTS)
    const args = [vite, 'build', '--config', 'vite.renderer.config.ts', '--logLevel', 'warn']
    const code = await runForeground(node, args, { cwd: root, env })
    if (code !== 0) throw new Error(`cannot build the renderer: vite ended with code ${code}; see above`)
    mkdirSync(join(root, 'out'), { recursive: true })
    writeFileSync(stampPath(root), digest)
  })
}

/** @param {string} root */
function isRendererCurrent(root) {
  const built = existsSync(join(root, 'out/renderer/index.html')) && existsSync(stampPath(root))
  return built && readFileSync(stampPath(root), 'utf8') === digestInputs(root, RENDERER_INPUTS)
}

/** Beside the output, not in it: vite empties that. @param {string} root */
function stampPath(root) {
  return join(root, 'out/renderer.inputs')
}
