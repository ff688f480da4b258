// io.pressure of a process's control group (cgroup v2, Documentation/admin-guide/cgroup-v2.rst).
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type KernelRoot, processPath } from './kernel-root.ts'
import { parsePressure } from './pressure.ts'
import { readIfThere } from './read-if-there.ts'
import { errnoOf, systemProblem } from './system-error.ts'

export interface GroupPressure {
  /** Of the group, as /proc/<pid>/cgroup names it. */
  readonly group?: string
  /** Share of the last 10 s in which some task of the group waited for storage. */
  readonly someRatio?: number
  /** Why there is none. */
  readonly absent?: string
}

/**
 * Of groups below each other, outermost first. Hosts have five, and whoever may make groups makes thousands, each of which
 * would be read for each guest in them.
 */
export const maxGroupDepth = 32

/** No privilege needed. Of the innermost group that is no part of a threaded one: libvirt splits a guest's by thread. */
export async function readGroupIoPressure(root: KernelRoot, pid: number): Promise<GroupPressure> {
  const path = parseUnifiedGroup((await readIfThere(processPath(root, pid, 'cgroup'))) ?? '')
  if (path === undefined) return { absent: 'this host has no cgroup v2' }
  if (path === '/') return { absent: 'the guest is in no control group of cgroup v2 of its own' }
  const names = path.split('/').filter((name) => name !== '')
  if (names.includes('..'))
    return { group: path, absent: `its control group ${path} is not visible from here` }
  if (names.length > maxGroupDepth)
    return { group: path, absent: `its control group is deeper than ${maxGroupDepth} groups` }
  for (const mount of ['fs/cgroup', 'fs/cgroup/unified']) {
    const folder = await findDomainGroup(join(root.sys, mount), names)
    const read = folder === undefined ? undefined : await readIoPressure(join(folder, 'io.pressure'))
    if (read !== undefined) return { group: path, ...read }
  }
  return { group: path, absent: 'this kernel does not report io.pressure of control groups' }
}

/** From /proc/<pid>/cgroup; undefined where cgroup v2 is not mounted. Pure. */
export function parseUnifiedGroup(text: string): string | undefined {
  return /^0::(\/.*)$/m.exec(text)?.[1]
}

/** Folder of the innermost group of cgroup v2 that is no part of a threaded one; undefined: the root's, or none. */
export async function findUnifiedGroup(root: KernelRoot, pid: number): Promise<string | undefined> {
  const path = parseUnifiedGroup((await readIfThere(processPath(root, pid, 'cgroup'))) ?? '') ?? '/'
  const names = path.split('/').filter((name) => name !== '')
  if (names.length === 0 || names.length > maxGroupDepth || names.includes('..')) return undefined
  return (
    (await findDomainGroup(join(root.sys, 'fs/cgroup'), names)) ??
    (await findDomainGroup(join(root.sys, 'fs/cgroup/unified'), names))
  )
}

/** The threads of a threaded group are spread over its siblings, too: the group above holds all of them. */
async function findDomainGroup(base: string, names: readonly string[]): Promise<string | undefined> {
  for (let depth = names.length; depth > 0; depth -= 1) {
    const folder = join(base, ...names.slice(0, depth))
    const type = (await readIfThere(join(folder, 'cgroup.type')))?.trim()
    if (type === undefined) return undefined
    if (type !== 'threaded') return folder
  }
  return undefined
}

/** undefined: no such file, as on a kernel without PSI. */
async function readIoPressure(
  path: string,
): Promise<Pick<GroupPressure, 'someRatio' | 'absent'> | undefined> {
  try {
    const { someRatio } = parsePressure(readFileSync(path, 'utf8'))
    return someRatio === undefined ? undefined : { someRatio }
  } catch (error) {
    const errno = errnoOf(error)
    if (errno === 'EOPNOTSUPP' || errno === 'ENOTSUP')
      return { absent: 'pressure is switched off in this kernel (psi=0)' }
    if (errno === 'ENOENT' || errno === 'ENODEV') return undefined
    throw systemProblem(error, `read ${path}`)
  }
}
