// The numbered folders of /proc: processes, without their threads.
import { readdir } from 'node:fs/promises'
import { type KernelRoot, processPath } from './kernel-root.ts'
import { readIfThere } from './read-if-there.ts'

/** Processes that /proc shows, in no order. With hidepid, those of this user. */
export async function listPids(root: KernelRoot): Promise<number[]> {
  const names = await readdir(root.proc)
  return names.filter((name) => /^\d+$/.test(name)).map(Number)
}

/** First 15 characters of the command's name; undefined when there is no such process. */
export async function readComm(root: KernelRoot, pid: number): Promise<string | undefined> {
  return (await readIfThere(processPath(root, pid, 'comm')))?.trimEnd()
}
