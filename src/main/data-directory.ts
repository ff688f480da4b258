// Where the workbench keeps its settings and history.
import { mkdirSync, realpathSync, type Stats, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { asProblem, Problem } from '../shared/problem.ts'

/** $SINGLETON_DATA_DIR, else $XDG_DATA_HOME/singleton-workbench, else ~/.local/share/singleton-workbench. */
export function findDataDirectory(env: Readonly<Record<string, string | undefined>>, home: string): string {
  if (env.SINGLETON_DATA_DIR) return env.SINGLETON_DATA_DIR
  const base = env.XDG_DATA_HOME || join(home, '.local/share')
  return join(base, 'singleton-workbench')
}

/**
 * Makes the folder with mode 700 where it is missing; returns its path. Throws `not-permitted` where another user owns or can change it, or
 * can put another folder in its place: what lies there says which hosts are connected to, and as whom. A link is followed.
 */
export function requireOwnDirectory(path: string): string {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 })
    // Windows has no such modes: there a profile's folders are its user's alone.
    const uid = process.getuid?.()
    if (uid === undefined) return path
    const folder = realpathSync(path)
    const status = statSync(folder)
    if (status.uid !== uid) throw unsafe(path, `it belongs to user ${status.uid}`)
    if (isWritableByOthers(status)) throw unsafe(path, 'other users may write to it')
    for (const above of foldersAbove(folder))
      if (isChangedByOthers(statSync(above), uid)) throw unsafe(path, `other users may change ${above}`)
    return path
  } catch (error) {
    throw asProblem(error, `cannot use ${path}`)
  }
}

const sticky = 0o1000

/** Many distributions give each user a group of their own, and let it write. */
function isWritableByOthers({ mode, gid }: Stats): boolean {
  return (mode & 0o002) !== 0 || ((mode & 0o020) !== 0 && gid !== process.getgid?.())
}

function isChangedByOthers(status: Stats, ours: number): boolean {
  if (status.uid !== 0 && status.uid !== ours) return true
  return isWritableByOthers(status) && (status.mode & sticky) === 0
}

function foldersAbove(path: string): string[] {
  const above = dirname(path)
  return above === path ? [] : [above, ...foldersAbove(above)]
}

function unsafe(path: string, why: string): Problem {
  return new Problem('not-permitted', `cannot keep the workbench's files in ${path}: ${why}`, {
    remedy: 'Name a folder of your own: SINGLETON_DATA_DIR.',
  })
}
