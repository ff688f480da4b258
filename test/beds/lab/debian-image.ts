// The Debian that real guests boot: made by debootstrap from the mirror of this machine's apt, and kept between runs.
import { createHash } from 'node:crypto'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { withLockFile } from '../../../scripts/lock-file.mjs'
import { dropCache } from './images.ts'
import { run, runOk } from './run.ts'

export interface DebianImage {
  readonly raw: string
  /** The same content: the base of overlays. */
  readonly qcow2: string
  readonly kernel: string
  readonly initrd: string
  /** Private key that opens root's account in it. */
  readonly identityFile: string
}

const SUITE = 'trixie'
const PACKAGES = [
  'systemd-sysv',
  'udev',
  'openssh-server',
  'linux-image-amd64',
  'initramfs-tools',
  'postgresql',
  'gcc',
  'make',
]
const IMAGE_MIB = 4096
const BUILD_TIMEOUT_MS = 900_000
const RECIPE = join(import.meta.dirname, 'debian-recipe.sh')

/** Lab hosts that libvirt manages have a /var/cache of their own: real guests run on plain hosts. */
function cacheFolder(): string {
  return process.env.SINGLETON_LAB_CACHE_DIR || '/var/cache/singleton-workbench-lab'
}

/** Builds the image where no run before has: some two minutes. Other recipes have another folder. */
export async function ensureDebianImage(progress: (text: string) => void): Promise<DebianImage> {
  const cache = cacheFolder()
  mkdirSync(cache, { recursive: true, mode: 0o755 })
  const folder = join(cache, `debian-${SUITE}-${recipeDigest()}`)
  if (!existsSync(folder)) {
    await withLockFile(join(cache, 'lock'), 'building the image of real guests', async () => {
      if (existsSync(folder)) return
      removeUnfinished(cache)
      progress('building the image of real guests, once for all labs (debootstrap)')
      await build(cache, folder)
    })
  }
  return {
    raw: join(folder, 'debian.raw'),
    qcow2: join(folder, 'debian.qcow2'),
    kernel: join(folder, 'vmlinuz'),
    initrd: join(folder, 'initrd.img'),
    identityFile: join(folder, 'id_ed25519'),
  }
}

function recipeDigest(): string {
  const recipe = [SUITE, PACKAGES, IMAGE_MIB, readFileSync(RECIPE, 'utf8')]
  return createHash('sha256').update(JSON.stringify(recipe)).digest('hex').slice(0, 12)
}

/** What interrupted builds left: under the lock nobody builds. */
function removeUnfinished(cache: string): void {
  for (const name of readdirSync(cache))
    if (name.startsWith('build-')) rmSync(join(cache, name), { recursive: true, force: true })
}

async function build(cache: string, folder: string): Promise<void> {
  const work = mkdtempSync(join(cache, 'build-'))
  try {
    const tree = join(work, 'tree')
    const done = join(work, 'done')
    mkdirSync(done, { mode: 0o755 })
    await runOk('ssh-keygen', [
      '-q',
      '-t',
      'ed25519',
      '-N',
      '',
      '-C',
      'singleton-lab',
      '-f',
      join(done, 'id_ed25519'),
    ])
    const mirror = await findMirror()
    await runApart([
      'debootstrap',
      '--variant=minbase',
      `--include=${PACKAGES.join(',')}`,
      SUITE,
      tree,
      mirror,
    ])
    await runApart(['sh', RECIPE, tree, join(done, 'id_ed25519.pub')])
    copyBootFile(tree, done, 'vmlinuz')
    copyBootFile(tree, done, 'initrd.img')
    const raw = join(done, 'debian.raw')
    writeFileSync(raw, '')
    truncateSync(raw, IMAGE_MIB * 2 ** 20)
    await runOk('mkfs.ext4', ['-q', '-F', '-b', '4096', '-m', '0', '-d', tree, raw])
    await runOk('qemu-img', ['convert', '-O', 'qcow2', raw, join(done, 'debian.qcow2')])
    await dropCache([raw, join(done, 'debian.qcow2')])
    renameSync(done, folder)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/** With mounts and processes of its own, so that nothing of either is left when it ends. */
async function runApart(command: readonly string[]): Promise<void> {
  const apart = ['--mount', '--pid', '--fork', '--kill-child']
  const proxy = await readAptProxy()
  const env = { ...process.env, ...(proxy !== undefined && { http_proxy: proxy, https_proxy: proxy }) }
  const result = await run('unshare', [...apart, ...command], { timeoutMs: BUILD_TIMEOUT_MS, env })
  if (result.code === 0) return
  const said = `${result.stdout}\n${result.stderr}`.trim().split('\n').slice(-8).join('\n')
  throw new Error(`cannot build the image of real guests: ${command[0]} ended with ${result.code}: ${said}`)
}

/** The first archive of Debian in this machine's apt sources that is no archive of updates. */
async function findMirror(): Promise<string> {
  const format = '$(ORIGIN) $(COMPONENT) $(SUITE) $(REPO_URI)'
  const listed = await runOk('apt-get', ['indextargets', '--format', format, 'Created-By: Packages'])
  const targets = listed.split('\n').map((line) => line.split(' '))
  const found = targets.find(
    ([origin, component, suite]) => origin === 'Debian' && component === 'main' && !/-/.test(suite ?? ''),
  )
  const mirror = found?.[3]
  if (mirror === undefined)
    throw new Error(
      'cannot build the image of real guests: apt knows no mirror of Debian here (apt-get update?)',
    )
  return mirror
}

/** The proxy that apt uses; undefined: none. */
async function readAptProxy(): Promise<string | undefined> {
  const dump = await runOk('apt-config', ['dump', 'Acquire::http::Proxy'])
  return /^Acquire::http::Proxy "(.+)";$/m.exec(dump)?.[1]
}

function copyBootFile(tree: string, folder: string, kind: string): void {
  const boot = join(tree, 'boot')
  const name = readdirSync(boot).find((one) => one.startsWith(`${kind}-`))
  if (name === undefined) throw new Error(`cannot build the image of real guests: no ${kind} in ${boot}`)
  copyFileSync(join(boot, name), join(folder, kind))
  chmodSync(join(folder, kind), 0o644)
}
