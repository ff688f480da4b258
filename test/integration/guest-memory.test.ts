// Guests' RAM as real hosts have it: in pieces, in small blocks, with room to grow.
import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Assessment, assessment } from '../../src/shared/contract/assessment.ts'
import { scrubResult } from '../../src/shared/contract/page-cache.ts'
import { type EngineLab, upEngineLab } from '../beds/engine/engine-lab.ts'
import { isRoot } from '../beds/is-root.ts'
import { buildMemoryStandIn, type MemoryStandIn, startMemoryStandIn } from '../beds/lab/memory-stand-in.ts'

const MIB = 2 ** 20
const ways = ['', ' --pagemap-entries', ' --threads 2']

describe.skipIf(!isRoot)("guests' RAM", () => {
  let lab: EngineLab
  let program = ''
  const guests: MemoryStandIn[] = []

  beforeAll(async () => {
    lab = await upEngineLab([])
    program = await buildMemoryStandIn(lab.folder)
  })
  afterEach(async () => {
    for (const guest of guests.splice(0)) await guest.end()
  })
  afterAll(() => lab?.down())

  const start = async (name: string, blocks: string[], drives: string[] = []) => {
    const guest = await startMemoryStandIn(lab.host, program, name, blocks, drives)
    guests.push(guest)
    return guest
  }
  const assess = (options = '') => lab.helperJson(`assess${options}`, assessment)

  it.each(ways)('counts each page once where every second one is absent%s', async (way) => {
    await start('fragmented', [`${256 * 1024},every=2`])
    const found = await assess(way)
    expect(found.unreadable).toEqual([])
    expect(guestOf(found, 'fragmented')).toMatchObject({
      ramBytes: 256 * MIB,
      residentBytes: 128 * MIB,
      mergeableBytes: 0,
    })
  })

  it.each(ways)('counts pages that only two guests have as often as they have them%s', async (way) => {
    await start('one', [`${128 * 1024},every=2,zero=4,seed=7`])
    await start('other', [`${128 * 1024},every=2,zero=4,seed=7`])
    const found = await assess(way)
    // Each second page is present, and of these each second one zeros.
    for (const name of ['one', 'other'])
      expect(guestOf(found, name)).toMatchObject({
        residentBytes: 64 * MIB,
        zeroBytes: 32 * MIB,
        identicalBytes: 64 * MIB,
      })
    expect(found.totals.mergeableBytes).toBe(96 * MIB - 4096)
  })

  it.each(ways)('takes memory that was only read for what nobody can merge%s', async (way) => {
    // Small zero pages and huge ones, beside two pages of zeros that take memory.
    const { pid } = await start('reader', [
      `${64 * 1024},read`,
      `${64 * 1024},read,huge`,
      `${64 * 1024},every=8192,zero=1`,
    ])
    // Some builds of the kernel give memory to what was only read: all of its zeros but one can be merged.
    const zeroBytes = readMergeableBytes(pid)
    if (zeroBytes > 2 * 4096)
      console.warn('not seen: this kernel maps no zero page where memory is only read')
    const found = await assess(way)
    expect(found.unreadable).toEqual([])
    expect(guestOf(found, 'reader')).toMatchObject({
      ramBytes: 192 * MIB,
      residentBytes: 128 * MIB + 2 * 4096,
      zeroBytes: 128 * MIB + 2 * 4096,
      mergeableBytes: zeroBytes - 4096,
    })
  })

  it('counts small blocks that KSM may merge, and no others', async () => {
    const [ram, video, rom] = [128 * 1024, 16 * 1024, 2 * 1024]
    const seen = [`${ram}`, `${video},seed=1`, `${rom},seed=2`]
    await start('small', [...seen, `${8 * 1024},seed=1,off`, `${8 * 1024},plain`])
    await start('twin', seen)
    const found = await assess()
    for (const name of ['small', 'twin'])
      expect(guestOf(found, name)).toMatchObject({
        ramBytes: 128 * MIB,
        otherBlocksBytes: 18 * MIB,
        residentBytes: 146 * MIB,
        identicalBytes: 18 * MIB,
        mergeableBytes: 9 * MIB,
      })
  })

  describe('and what is cached of images', () => {
    const size = 8 * MIB
    const ofFile = (path: string, more = '') => [`${64 * 1024},file=${path}${more}`]
    const image = (name: string) => {
      const path = join(lab.folder, name)
      writeFileSync(path, randomBytes(size), { flush: true })
      return path
    }

    it('counts twice what a guest that has the image open holds, and apart what only others hold', async () => {
      const [own, foreign] = [image('own.raw'), image('foreign.raw')]
      await start('reader', ofFile(own), [own])
      await start('owner', ['65536'], [foreign])
      await start('other', ofFile(foreign))
      const found = await assess()
      expect(imageOf(found, own)).toMatchObject({ doubleCachedBytes: size, heldByOthersBytes: 0 })
      expect(imageOf(found, foreign)).toMatchObject({ doubleCachedBytes: 0, heldByOthersBytes: size })
      expect(found.guests.map(({ name, doubleCachedBytes }) => [name, doubleCachedBytes]).sort()).toEqual([
        ...[
          ['other', 0],
          ['owner', 0],
          ['reader', size],
        ],
      ])
      expect(found.totals).toMatchObject({ doubleCachedBytes: size, heldByOthersBytes: size })
    })

    it.each(['--dry-run', ''])(
      'evicts what the guest of the image holds, and nothing else: scrub %s',
      async (option) => {
        const [own, foreign] = [image('own.raw'), image('foreign.raw')]
        await start('reader', ofFile(own), [own])
        await start('owner', ['65536'], [foreign])
        await start('other', ofFile(foreign))
        const found = await lab.helperJson(`scrub ${option}`, scrubResult)
        const byPath = new Map(found.images.map((one) => [one.path, one]))
        expect(byPath.get(own)).toMatchObject({
          evictedBytes: size,
          keptUniqueBytes: 0,
          heldByOthersBytes: 0,
        })
        expect(byPath.get(foreign)).toMatchObject({
          evictedBytes: 0,
          keptUniqueBytes: 0,
          heldByOthersBytes: size,
        })
      },
    )

    it('does not tell by a base what a guest apart holds of it', async () => {
      const [base, alone] = [image('base.raw'), image('alone.raw')]
      await start('tenant', ofFile(base, ',off'), [base])
      await start('neighbour', ['65536'], [base])
      await start('single', ofFile(alone, ',off'), [alone])
      const found = await assess()
      expect(imageOf(found, base)).toMatchObject({ doubleCachedBytes: 0, heldByOthersBytes: size })
      // What nobody else has open tells nobody else.
      expect(imageOf(found, alone)).toMatchObject({ doubleCachedBytes: size, heldByOthersBytes: 0 })
      await start('sharer', ofFile(base), [base])
      expect(imageOf(await assess(), base)).toMatchObject({ doubleCachedBytes: size, heldByOthersBytes: 0 })
      const policy = join(lab.folder, 'apart.json')
      writeFileSync(policy, JSON.stringify({ version: 1, ksm: { exclude: ['sharer'] } }))
      const apart = await assess(` --policy ${policy}`)
      expect(imageOf(apart, base)).toMatchObject({ doubleCachedBytes: 0, heldByOthersBytes: size })
    })
  })

  it('says what a guest has and what it can be given', async () => {
    const [pidFile, log] = ['/run/lab/growing.pid', '/run/lab/growing.log']
    const started = await lab.host.exec(
      'exec qemu-system-x86_64 -name guest=growing -nodefaults -no-user-config -display none -S -accel tcg,tb-size=16 ' +
        '-m 256M,maxmem=9G -object memory-backend-ram,id=more,size=8G,reserve=off ' +
        `-device virtio-mem-pci,memdev=more,requested-size=0 -pidfile ${pidFile} -daemonize 2>${log}`,
    )
    expect(started.code, (await lab.host.exec(`cat ${log}`)).stdout).toBe(0)
    try {
      const found = await assess()
      expect(guestOf(found, 'growing')).toMatchObject({ ramBytes: 256 * MIB, pluggableBytes: 8192 * MIB })
      expect((await lab.helper('assess')).stdout).toMatch(/growing .* 256 MiB, 8 GiB can be plugged/)
    } finally {
      await lab.host.exec(`kill -9 $(cat ${pidFile})`)
    }
  })
})

/** Anonymous memory of a process that KSM may merge; zero pages are not among it. Source: /proc/PID/smaps. */
function readMergeableBytes(pid: number): number {
  const mappings = readFileSync(`/proc/${pid}/smaps`, 'utf8').split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m)
  const mergeable = mappings.filter((mapping) => /^VmFlags:.* mg\b/m.test(mapping))
  const kib = mergeable.map((mapping) => Number(/^Anonymous: +(\d+) kB$/m.exec(mapping)?.[1] ?? Number.NaN))
  return 1024 * kib.reduce((sum, one) => sum + one, 0)
}

function imageOf(found: Assessment, path: string) {
  const image = found.images.find((one) => one.path === path)
  if (image === undefined) throw new Error(`image ${path} was not found`)
  return image
}

function guestOf(found: Assessment, name: string) {
  const guest = found.guests.find((one) => one.name === name)
  if (guest === undefined) throw new Error(`guest ${name} was not found`)
  return guest
}
