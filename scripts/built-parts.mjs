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
  'docs/glossary.md',
  'tsconfig.base.json',
  'package-lock.json',
]

const APP_INPUTS = [...RENDERER_INPUTS, 'src/main', 'src/preload', 'electron.vite.config.ts', 'package.json']

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

/**
 * Builds what the app and the server package are made of: out/main, out/preload, out/renderer.
 * @param {string} root @param {readonly string[]} [flags] of electron-vite
 */
export async function ensureApp(root, flags = []) {
  const stamp = join(root, 'out/app.inputs')
  const isCurrent = () =>
    existsSync(join(root, 'out/main/serve.js')) &&
    existsSync(stamp) &&
    readFileSync(stamp, 'utf8') === digestInputs(root, APP_INPUTS)
  if (isCurrent()) return
  await withLockFile(join(root, 'out/app.lock'), 'building the app', async () => {
    if (isCurrent()) return
    const vite = join(root, 'node_modules/electron-vite/bin/electron-vite.js')
    const digest = digestInputs(root, APP_INPUTS)
    const code = await runForeground(process.execPath, [vite, 'build', ...flags], { cwd: root })
    if (code !== 0) throw new Error(`cannot build the app: electron-vite ended with code ${code}; see above`)
    writeFileSync(stamp, digest)
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
