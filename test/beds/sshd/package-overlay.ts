// Programs of Debian packages, laid over /usr inside a test host's namespace: nothing is installed on this machine.
import { existsSync, globSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from './start-sshd.ts'

export interface PackageOverlay {
  /** For SshdOptions.prepare. */
  readonly prepare: readonly string[]
  remove(): void
}

/** Undefined where the packages cannot be fetched. Their dependencies are not followed: name those that matter. */
export function layOverPackages(names: readonly string[]): PackageOverlay | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'singleton-packages-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  const tree = join(folder, 'tree')
  try {
    mkdirSync(tree)
    // apt drops root for the download, to a user who must reach the folder.
    run('sh', [
      '-c',
      'chmod 777 "$1" && cd "$1" && shift && apt-get -q download "$@"',
      'sh',
      folder,
      ...names,
    ])
    for (const archive of globSync('*.deb', { cwd: folder })) {
      run('dpkg-deb', ['-x', join(folder, archive), tree])
    }
    // Older packages still name /bin, which is /usr/bin by now.
    if (existsSync(join(tree, 'bin'))) run('cp', ['-a', join(tree, 'bin'), join(tree, 'usr')])
    return { prepare: [`mount -t overlay overlay -o lowerdir=${tree}/usr:/usr /usr`], remove }
  } catch (error) {
    console.warn(`cannot fetch ${names.join(' ')}: ${(error as Error).message.slice(0, 300)}`)
    remove()
    return undefined
  }
}
