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
  await ensureBuilt(root, {
    name: 'renderer',
    output: 'out/renderer/index.html',
    inputs: RENDERER_INPUTS,
    build: () => {
      process.stderr.write('building the renderer\n')
      const vite = join(root, 'node_modules/vite/bin/vite.js')
      const args = [vite, 'build', '--config', 'vite.renderer.config.ts', '--logLevel', 'warn']
      return runForeground(node, args, { cwd: root, env })
    },
  })
}

/**
 * Builds what the app and the server package are made of: out/main, out/preload, out/renderer.
 * @param {string} root @param {readonly string[]} [flags] of electron-vite
 */
export async function ensureApp(root, flags = []) {
  await ensureBuilt(root, {
    name: 'app',
    output: 'out/main/serve.js',
    inputs: APP_INPUTS,
    build: () => {
      const vite = join(root, 'node_modules/electron-vite/bin/electron-vite.js')
      return runForeground(process.execPath, [vite, 'build', ...flags], { cwd: root })
    },
  })
}

/**
 * @typedef {object} Part
 * @property {string} name
 * @property {string} output a file that is there once it is built
 * @property {readonly string[]} inputs what it is built from
 * @property {() => Promise<number>} build resolves with an exit code
 *
 * Builds a part unless it is there and made from the same inputs; one build at a time.
 * @param {string} root @param {Part} part
 */
async function ensureBuilt(root, { name, output, inputs, build }) {
  // Beside the output, not in it: vite empties that.
  const stamp = join(root, `out/${name}.inputs`)
  const isCurrent = () =>
    existsSync(join(root, output)) &&
    existsSync(stamp) &&
    readFileSync(stamp, 'utf8') === digestInputs(root, inputs)
  if (isCurrent()) return
  await withLockFile(join(root, `out/${name}.lock`), `building the ${name}`, async () => {
    if (isCurrent()) return
    const digest = digestInputs(root, inputs)
    const code = await build()
    if (code !== 0) throw new Error(`cannot build the ${name}: its build ended with code ${code}; see above`)
    mkdirSync(join(root, 'out'), { recursive: true })
    writeFileSync(stamp, digest)
  })
}
