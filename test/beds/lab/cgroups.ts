// Control groups around a lab host's guests: a memory limit and a read rate, on cgroup v1 and v2.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { HostPlan } from './options.ts'

const ROOT = '/sys/fs/cgroup'

/** Folders of the control groups that this host needs; none when it has no limits. */
export function planCgroups(labDir: string, host: HostPlan): string[] {
  const lab = createHash('sha256').update(labDir).digest('hex').slice(0, 8)
  const name = `singleton-lab-${lab}-${host.name}`
  const wanted = [host.memoryLimitBytes && 'memory', host.readIops && 'blkio'].filter(
    (one) => typeof one === 'string',
  )
  if (isUnified()) return wanted.length > 0 ? [`${ROOT}/${name}`] : []
  return wanted.map((controller) => `${ROOT}/${controller}/${name}`)
}

/** Creates the groups and sets their limits; device numbers are those of the disk that holds imagesFolder. */
export function createCgroups(cgroups: readonly string[], host: HostPlan, imagesFolder: string): void {
  for (const cgroup of cgroups) {
    if (isUnified()) writeFileSync(`${ROOT}/cgroup.subtree_control`, '+memory +io')
    mkdirSync(cgroup, { recursive: true })
    for (const file of ['memory.limit_in_bytes', 'memory.max'])
      if (host.memoryLimitBytes && existsSync(`${cgroup}/${file}`))
        writeFileSync(`${cgroup}/${file}`, `${host.memoryLimitBytes}`)
  }
  if (host.readIops) limitReads(cgroups, imagesFolder, host.readIops)
}

/** Sets the read operations per second of a host's guests, also of one that runs. */
export function limitReads(cgroups: readonly string[], imagesFolder: string, readIops: number): void {
  const device = deviceNumbers(imagesFolder)
  const limits = [
    ['blkio.throttle.read_iops_device', `${device} ${readIops}`],
    ['io.max', `${device} riops=${readIops}`],
  ] as const
  for (const cgroup of cgroups)
    for (const [file, value] of limits)
      if (existsSync(`${cgroup}/${file}`)) writeFileSync(`${cgroup}/${file}`, value)
}

/** Removes groups whose processes were killed; those that are gone already are no error. */
export async function removeCgroups(cgroups: readonly string[]): Promise<void> {
  for (const cgroup of cgroups) {
    for (let attempt = 0; existsSync(cgroup); attempt++) {
      try {
        rmdirSync(cgroup)
      } catch (error) {
        // A killed process leaves its group only when it has been reaped.
        if ((error as NodeJS.ErrnoException).code !== 'EBUSY' || attempt > 250) throw error
        await sleep(20)
      }
    }
  }
}

function isUnified(): boolean {
  return existsSync(`${ROOT}/cgroup.controllers`)
}

// The throttle knows whole disks only, so a partition is traced to its disk.
export function deviceNumbers(path: string): string {
  const device = statSync(path).dev
  const numbers = `${(device >> 8) & 0xfff}:${(device & 0xff) | ((device >> 12) & 0xfff00)}`
  const sys = `/sys/dev/block/${numbers}`
  return existsSync(`${sys}/partition`) ? readFileSync(`${sys}/../dev`, 'utf8').trim() : numbers
}
