// The Debian of real guests with work on it: a database of pgbench and a source tree. Made once, and kept between runs.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { withLockFile } from '../../../scripts/lock-file.mjs'
import { type DebianImage, ensureDebianImage } from './debian-image.ts'
import { dropCache } from './images.ts'
import { runOk } from './run.ts'
import { workTree, writeWorkTree } from './work-tree.ts'

/** A scale of 64 is a database of some 960 MiB. */
const SCALE = 64
const BUILD_TIMEOUT_MS = 600_000
const RECIPE = join(import.meta.dirname, 'work-recipe.sh')
const TREE = join(import.meta.dirname, 'work-tree.ts')

/** Builds the image where no run before has: some minutes. */
export async function ensureWorkImage(progress: (text: string) => void): Promise<DebianImage> {
  const debian = await ensureDebianImage(progress)
  const plain = dirname(debian.raw)
  const folder = join(dirname(plain), `work-${basename(plain).split('-').at(-1)}-${recipeDigest()}`)
  if (!existsSync(folder)) {
    await withLockFile(
      join(dirname(plain), 'work-lock'),
      'building the image of guests at work',
      async () => {
        if (existsSync(folder)) return
        progress('building the image of guests at work, once for all labs')
        await build(debian, folder)
      },
    )
  }
  return { ...debian, raw: join(folder, 'work.raw'), qcow2: join(folder, 'work.qcow2') }
}

function recipeDigest(): string {
  const recipe = [SCALE, workTree, readFileSync(RECIPE, 'utf8'), readFileSync(TREE, 'utf8')]
  return createHash('sha256').update(JSON.stringify(recipe)).digest('hex').slice(0, 12)
}

async function build(debian: DebianImage, folder: string): Promise<void> {
  const work = mkdtempSync(join(dirname(folder), 'work-build-'))
  try {
    const [done, root, tree] = ['done', 'root', 'tree'].map((name) => join(work, name)) as [
      string,
      string,
      string,
    ]
    for (const made of [done, root, tree]) mkdirSync(made, { mode: 0o755 })
    writeWorkTree(tree)
    const raw = join(done, 'work.raw')
    await runOk('cp', ['--sparse=always', '--reflink=auto', debian.raw, raw])
    // Its mounts and processes go with it.
    const apart = ['--mount', '--pid', '--fork', '--kill-child']
    await runOk('unshare', [...apart, 'sh', RECIPE, raw, root, tree, `${SCALE}`], {
      timeoutMs: BUILD_TIMEOUT_MS,
    })
    await runOk('qemu-img', ['convert', '-O', 'qcow2', raw, join(done, 'work.qcow2')], {
      timeoutMs: BUILD_TIMEOUT_MS,
    })
    await dropCache([debian.raw, raw, join(done, 'work.qcow2')])
    renameSync(done, folder)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}
