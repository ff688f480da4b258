// A lab host under a memory limit whose guests boot one after the other, all of them clones of one base.
import { mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { buildBootFiles } from '../../beds/lab/boot-files.ts'
import type { LabGuest } from '../../beds/lab/lab.ts'
import { type LabHost, type LabOptions, upLab } from '../../beds/lab/lab.ts'
import { attachGuest } from '../../beds/lab/lab-host.ts'
import { planLab } from '../../beds/lab/options.ts'
import { identify, isAlive } from '../../beds/lab/processes.ts'
import { SMALL_GUEST_READY, waitForGuest } from '../../beds/lab/serial.ts'
import { buildImages, startGuest } from '../../beds/lab/start-guest.ts'
import type { GuestRecord } from '../../beds/lab/state.ts'

export interface DensityPlan {
  readonly limitMiB: number
  readonly ramMiB: number
  readonly commonMiB: number
  readonly ownMiB: number
  /** More are not booted. */
  readonly mostGuests: number
  /** From the boot of a guest to that of the next. */
  readonly stepSeconds: number
}

export interface GrowingLab {
  readonly dir: string
  readonly host: LabHost
  readonly guests: readonly LabGuest[]
  /** Boots the next one; rejects where it does not get ready. */
  boot(): Promise<LabGuest>
  down(): Promise<void>
}

export async function upGrowingLab(density: DensityPlan, imagesDir: string): Promise<GrowingLab> {
  const dir = mkdtempSync(join(tmpdir(), 'singleton-density-'))
  rmdirSync(dir)
  process.env.SINGLETON_LAB_IMAGES_DIR = imagesDir
  const guest = { ramMiB: density.ramMiB, format: 'qcow2' } as const
  const options = (guests: number): LabOptions => ({
    dir,
    commonMiB: density.commonMiB,
    ownMiB: density.ownMiB,
    hosts: [
      {
        name: 'dense',
        kind: 'plain',
        memoryLimitBytes: density.limitMiB * 2 ** 20,
        guests: Array.from({ length: guests }, (_, at) => ({ ...guest, name: `web-${at + 1}` })),
      },
    ],
  })
  const plan = planLab(options(density.mostGuests))
  const [hostPlan] = plan.hosts
  const lab = await upLab(options(0))
  const [host] = lab.hosts
  if (host === undefined || hostPlan === undefined) throw new Error('cannot measure: the lab has no host')
  const start = { plan, boot: await buildBootFiles(plan.imagesDir), progress: () => undefined }
  const folder = join(dir, 'hosts', host.name)
  const place = { initPid: host.initPid, folder, cgroups: host.cgroups }
  const guests: LabGuest[] = []
  return {
    dir,
    host,
    guests,
    async boot() {
      const next = hostPlan.guests[guests.length]
      if (next === undefined) throw new Error(`cannot boot more than ${density.mostGuests} guests`)
      const images = await buildImages(next, folder, start)
      const record = await startGuest(next, images, hostPlan, place, start)
      await readyOrDead(record, guests)
      const booted = attachGuest(record)
      guests.push(booted)
      return booted
    },
    down: () => lab.down({ keepImages: true }),
  }
}

/** A guest that the kernel kills as the newest one boots ends the wait: nobody gets ready then. */
async function readyOrDead(booting: GuestRecord, others: readonly LabGuest[]): Promise<void> {
  const all = [booting, ...others].map(({ pid }) => identify(pid))
  const waiting = new AbortController()
  const watchDeaths = async () => {
    while (!waiting.signal.aborted) {
      const dead = all.filter((guest) => !isAlive(guest)).length
      if (dead > 0) throw new Error(`the kernel killed ${dead} of ${all.length} guests`)
      await sleep(100)
    }
  }
  const ready = waitForGuest(booting.name, booting.serialLog, SMALL_GUEST_READY)
  // Nobody waits for it once a guest is dead.
  ready.catch(() => undefined)
  try {
    await Promise.race([ready, watchDeaths()])
  } finally {
    waiting.abort()
  }
}
