// The numbered folders of /proc: processes, without their threads.
import { readdir, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { KernelRoot } from './kernel-root.ts'
import { readIfThere } from './read-if-there.ts'
import { errnoOf, processProblem } from './system-error.ts'

export async function listPids(root: KernelRoot): Promise<number[]> {
  const names = await readdir(root.proc)
  return names.filter((name) => /^\d+$/.test(name)).map(Number)
}

/** First 15 characters of the command's name; undefined when there is no such process. */
export async function readComm(root: KernelRoot, pid: number): Promise<string | undefined> {
  return (await readIfThere(join(root.proc, String(pid), 'comm')))?.trimEnd()
}

/** Path of the program; undefined for kernel threads, and where the process has ended or is not ours to look at. */
export async function readExe(root: KernelRoot, pid: number): Promise<string | undefined> {
  try {
    return await readlink(join(root.proc, String(pid), 'exe'))
  } catch (error) {
    const errno = errnoOf(error)
    if (errno === 'ENOENT' || errno === 'ESRCH' || errno === 'EACCES' || errno === 'EPERM') return undefined
    throw processProblem(error, `read the program of process ${pid}`)
  }
}
