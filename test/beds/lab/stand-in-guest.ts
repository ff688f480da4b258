// Processes that stand in for guests of gigabytes, up in seconds; see stand-in-guest.c.
import { createCipheriv } from 'node:crypto'
import { chmodSync, closeSync, existsSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { runInsideOk } from './namespace.ts'
import type { HostPlace } from './plain-guest.ts'
import { runOk } from './run.ts'

export interface StandInOptions {
  readonly size: 'large'
  readonly name?: string
  /** Default 3000. */
  readonly ramMiB?: number
  /** Pages of zeros, and pages that all seeds hold alike, of every 2 MiB. Defaults 10 and 40. */
  readonly zeroPercent?: number
  readonly commonPercent?: number
  /** Stand-ins with the same seed hold the same. Default: another for each guest. */
  readonly seed?: number
  readonly memMerge?: boolean
  /** RAM in transparent huge pages. Default true. */
  readonly hugePages?: boolean
  /** Holds an image of this size open, and its content in RAM from the first byte on. Default 0: none. */
  readonly imageMiB?: number
  /** How fast it rewrites its RAM when it is told to (SIGUSR2). Default 0: as fast as it can. */
  readonly writeMiBPerSecond?: number
}

export interface StandInPlan extends Required<StandInOptions> {
  readonly hostName: string
}

/** What a stand-in guest holds without an image, in pages of 4 KiB; the same arithmetic as in stand-in-guest.c. */
export interface StandInPages {
  readonly resident: number
  readonly zero: number
  readonly common: number
  readonly own: number
}

/** What a stand-in prints once its RAM is filled. */
export const STAND_IN_READY = 'ready\n'

const MIB = 2 ** 20
const CHUNK = 8 * MIB
const PAGES_OF_HUGE = 512
// To be raised whenever images are written differently.
const IMAGE_VERSION = 1

export interface LargeSizes {
  /** Of each of the four guests, and of the one with an image. */
  readonly ramMiB?: number
  /** Where given, a fifth guest holds an image of this size, and all of it in its RAM. */
  readonly imageMiB?: number
}

/** The guests of the large lab. */
export function largeGuests({ ramMiB = 3000, imageMiB = 0 }: LargeSizes = {}): StandInOptions[] {
  const guests = Array.from({ length: 4 }, (): StandInOptions => ({ size: 'large', ramMiB }))
  if (imageMiB > 0) guests.push({ size: 'large', ramMiB: Math.max(ramMiB, imageMiB), imageMiB })
  return guests
}

export function planStandIn(
  options: StandInOptions,
  place: { host: string; name: string; seed: number },
): StandInPlan {
  return {
    size: 'large',
    hostName: place.host,
    name: options.name ?? place.name,
    ramMiB: options.ramMiB ?? 3000,
    zeroPercent: options.zeroPercent ?? 10,
    commonPercent: options.commonPercent ?? 40,
    seed: place.seed,
    memMerge: options.memMerge ?? true,
    hugePages: options.hugePages ?? true,
    imageMiB: options.imageMiB ?? 0,
    writeMiBPerSecond: options.writeMiBPerSecond ?? 0,
  }
}

export function standInPages(
  plan: Pick<StandInPlan, 'ramMiB' | 'zeroPercent' | 'commonPercent'>,
): StandInPages {
  const ofEachHuge = (percent: number) => Math.floor((PAGES_OF_HUGE * percent) / 100)
  const hugePages = plan.ramMiB / 2
  const zero = hugePages * ofEachHuge(plan.zeroPercent)
  const common = hugePages * ofEachHuge(plan.commonPercent)
  const resident = hugePages * PAGES_OF_HUGE
  return { resident, zero, common, own: resident - zero - common }
}

/**
 * Compiles the program into a folder and returns its path. Linked statically, so that it runs in any root; owned by
 * the user who compiles and writable by nobody else, as the helper asks of programs of guests.
 */
export async function buildStandInGuest(folder: string, name = 'qemu-system-stand-in'): Promise<string> {
  mkdirSync(folder, { recursive: true, mode: 0o755 })
  const program = join(folder, name)
  if (existsSync(program)) return program
  const source = join(import.meta.dirname, 'stand-in-guest.c')
  await runOk('gcc', ['-O2', '-Wall', '-Werror', '-static', '-o', `${program}.new`, source])
  chmodSync(`${program}.new`, 0o755)
  renameSync(`${program}.new`, program)
  return program
}

/** Writes the image of a stand-in where it is missing: incompressible, the same for the same seed. */
export function buildStandInImage(plan: StandInPlan, imagesDir: string): string {
  const folder = join(imagesDir, `stand-in-v${IMAGE_VERSION}`)
  mkdirSync(folder, { recursive: true })
  const path = join(folder, `seed${plan.seed}-${plan.imageMiB}.raw`)
  if (existsSync(path)) return path
  const key = Buffer.alloc(16, plan.seed)
  const stream = createCipheriv('aes-128-ctr', key, Buffer.alloc(16))
  const zeros = Buffer.alloc(CHUNK)
  const fd = openSync(`${path}.new`, 'w')
  try {
    for (let left = plan.imageMiB * MIB; left > 0; left -= CHUNK)
      writeSync(fd, stream.update(zeros), 0, Math.min(CHUNK, left))
  } finally {
    closeSync(fd)
  }
  renameSync(`${path}.new`, path)
  return path
}

/** Starts one in a lab host; returns its pid in there. It prints into `log`. */
export async function startStandIn(
  plan: StandInPlan,
  files: { readonly program: string; readonly image: string | undefined; readonly log: string },
  host: HostPlace,
): Promise<number> {
  const args = [
    ['-name', `guest=${plan.name}`, '-m', `${plan.ramMiB}`, '-merge', plan.memMerge ? 'on' : 'off'],
    ['-seed', `${plan.seed}`, '-zeros', `${plan.zeroPercent}`, '-common', `${plan.commonPercent}`],
    ['-pace', `${plan.writeMiBPerSecond}`],
    plan.hugePages ? ['-huge'] : [],
    files.image === undefined
      ? []
      : ['-drive', `file=${files.image},format=raw,if=none,id=disk0`, '-contents', files.image],
  ].flat()
  const command = [files.program, ...args].map((arg) => `'${arg}'`).join(' ')
  // A session of its own, and nothing open of the command that starts it.
  const started = `setsid ${command} >'${files.log}' 2>&1 </dev/null & echo $!`
  return Number(await runInsideOk(host.initPid, started, { cgroups: host.cgroups }))
}
