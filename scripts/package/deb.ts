// A Debian package of a laid-out tree, by dpkg-deb.
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  globSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { readManifest } from './server-tree.ts'

const scripts = ['postinst', 'prerm', 'postrm'] as const

/** The path of the package, in `to`. */
export async function buildDeb(root: string, tree: string, to: string): Promise<string> {
  const { version, description } = readManifest(root)
  const control = join(tree, 'DEBIAN')
  mkdirSync(control)
  for (const name of scripts) {
    cpSync(join(root, 'resources/package', name), join(control, name))
    chmodSync(join(control, name), 0o755)
  }
  const files = globSync('**', { cwd: tree }).filter((path) => statSync(join(tree, path)).isFile())
  const installedKiB = files.reduce((sum, path) => sum + Math.ceil(statSync(join(tree, path)).size / 1024), 0)
  settleModes(tree)
  const template = readFileSync(join(root, 'resources/package/control'), 'utf8')
  const values: Readonly<Record<string, string>> = {
    VERSION: version,
    INSTALLED: String(installedKiB),
    DESCRIPTION: description,
  }
  const filled = template.replaceAll(/@([A-Z]+)@/g, (_all, name: string) => values[name] ?? '')
  writeFileSync(join(control, 'control'), filled)
  chmodSync(join(control, 'control'), 0o644)
  const path = join(to, `singleton-workbench-server_${version}_amd64.deb`)
  const built = spawnSync('dpkg-deb', ['-Zzstd', '-z6', '--root-owner-group', '--build', tree, path], {
    encoding: 'utf8',
  })
  if (built.status !== 0)
    throw new Error(`cannot build the package: ${built.error?.message ?? built.stderr.trim()}`)
  return path
}

/** Whatever the umask of who builds: nobody but root may write what root and others run. */
export function settleModes(tree: string): void {
  for (const name of ['.', ...readdirSync(tree, { recursive: true, encoding: 'utf8' })]) {
    const path = join(tree, name)
    const status = lstatSync(path)
    if (status.isDirectory()) chmodSync(path, 0o755)
    else if (status.isFile()) chmodSync(path, (status.mode & 0o100) === 0 ? 0o644 : 0o755)
  }
}
