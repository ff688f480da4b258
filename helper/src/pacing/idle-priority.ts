// Scans that nobody waits for run only where the host has nothing else to do.
import { setIdlePriority } from '../kernel/scheduling.ts'

/** `cpuRatio` undefined: somebody waits for the result, so `work` runs at normal priority. */
export async function atPriorityOf<T>(cpuRatio: number | undefined, work: () => Promise<T>): Promise<T> {
  if (cpuRatio === undefined) return work()
  setIdlePriority(true)
  try {
    return await work()
  } finally {
    setIdlePriority(false)
  }
}

/** A look or a change while a scan at idle priority may go on in the same thread: a busy host must not keep it waiting. */
export async function atNormalPriority<T>(isScanning: () => boolean, work: () => Promise<T>): Promise<T> {
  if (!isScanning()) return work()
  setIdlePriority(false)
  try {
    return await work()
  } finally {
    if (isScanning()) setIdlePriority(true)
  }
}
