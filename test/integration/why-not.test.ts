// "Why does nothing merge, why is nothing evicted?": each answer on a real case.
import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Assessment, assessment } from '../../src/shared/contract/assessment.ts'
import { scrubResult } from '../../src/shared/contract/page-cache.ts'
import type { Reason } from '../../src/shared/contract/quantity.ts'
import { type FaultLab, upFaultLab } from '../beds/fault/fault-lab.ts'
import { isRoot } from '../beds/is-root.ts'
import { runOk } from '../beds/lab/run.ts'

const MIB = 2 ** 20
const HUGE_PAGES = '/proc/sys/vm/nr_hugepages'
const RAM_MIB = 96

const ram = (kind: string, options = '') =>
  `memory-backend-${kind},id=ram0,size=${RAM_MIB}M,prealloc=on${options}`

describe.skipIf(!isRoot)('why guests are not merged', () => {
  let lab: FaultLab
  beforeAll(async () => {
    lab = await upFaultLab()
  })
  afterAll(() => lab?.down())

  const start = (name: string, memory: string) => lab.startGuest({ name, ramMiB: RAM_MIB, memory })

  it.each<[string, () => string, Reason['code'][], RegExp]>([
    ['plain', () => ram('ram'), [], /^$/],
    [
      'mem-merge=off',
      () => ram('ram', ',merge=off'),
      ['mem-merge-off'],
      /96 MiB of RAM are not offered to KSM/,
    ],
    [
      'shared-as-for-vhost-user',
      () => ram('memfd', ',share=on'),
      ['shared-ram'],
      /96 MiB of RAM are shared memory/,
    ],
    [
      'in-a-private-memfd',
      () => ram('memfd', ',share=off'),
      ['file-backed-ram'],
      /96 MiB of RAM are a private mapping of a file/,
    ],
    [
      'in-a-shared-file',
      () => ram('file', `,share=on,mem-path=${join(lab.folder, 'shared.ram')}`),
      ['shared-ram'],
      /shared memory/,
    ],
    [
      'in-a-private-file',
      () => ram('file', `,share=off,mem-path=${join(lab.folder, 'private.ram')}`),
      ['file-backed-ram'],
      /private mapping of a file/,
    ],
  ])('%s', async (name, memory, codes, text) => {
    await start(name, memory())
    const found = await lab.helperJson('assess', assessment)
    const guest = guestOf(found, name)
    // No kind of RAM is taken for a disk.
    expect([found.images, found.unreadable]).toEqual([[], []])
    // Whether the kernel gave huge pages is its own affair: that case has a test of its own.
    const why = guest.why.filter(({ code }) => code !== 'huge-pages')
    expect(why.map(({ code }) => code)).toEqual(codes)
    expect(why.map((reason) => reason.text).join()).toMatch(text)
    expect(guest.ramBytes).toBe(RAM_MIB * MIB)
    // Beside RAM, KSM may merge ROMs and the like.
    if (codes.includes('shared-ram') || codes.includes('mem-merge-off'))
      expect(guest.mergeableBytes).toBeLessThanOrEqual(guest.otherBlocksBytes ?? 0)
    // RAM in a file is no image.
    expect(found.images).toEqual([])
    await lab.killGuests()
  })

  it('reserved huge pages', async (ctx) => {
    const before = readFileSync(HUGE_PAGES, 'utf8').trim()
    const wanted = Number(before) + RAM_MIB / 2
    writeFileSync(HUGE_PAGES, `${wanted}`)
    try {
      if (Number(readFileSync(HUGE_PAGES, 'utf8')) < wanted)
        ctx.skip(`the kernel has no ${RAM_MIB} MiB in one piece for huge pages`)
      await start('huge', ram('memfd', ',hugetlb=on,hugetlbsize=2M,share=off'))
      const guest = guestOf(await lab.helperJson('assess', assessment), 'huge')
      expect(guest.why.map(({ code }) => code)).toEqual(['hugetlb-ram'])
      const { ramBytes, residentBytes, mergeableBytes, otherBlocksBytes = 0 } = guest
      expect(ramBytes).toBe(RAM_MIB * MIB)
      expect(residentBytes).toBeGreaterThanOrEqual(RAM_MIB * MIB)
      expect(residentBytes).toBeLessThanOrEqual(RAM_MIB * MIB + otherBlocksBytes)
      expect(mergeableBytes).toBeLessThanOrEqual(otherBlocksBytes)
    } finally {
      await lab.killGuests()
      writeFileSync(HUGE_PAGES, before)
    }
  })

  it('transparent huge pages', async (ctx) => {
    const mode = readFileSync('/sys/kernel/mm/transparent_hugepage/enabled', 'utf8')
    if (mode.includes('[never]')) ctx.skip('transparent huge pages are switched off on this machine')
    const { pid } = await start('thp', ram('ram'))
    const kernel = /^AnonHugePages:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))
    if (Number(kernel?.[1]) === 0) ctx.skip('the kernel gave no huge page')
    const guest = guestOf(await lab.helperJson('assess', assessment), 'thp')
    expect(guest.why.map(({ code }) => code)).toEqual(['huge-pages'])
    await lab.killGuests()
  })

  it('another governor: a program that sets the same knobs', async () => {
    await start('governed', ram('ram'))
    await start('aside', ram('ram', ',merge=off'))
    // ksmtuned is a shell script: to the helper it is a shell that runs a script of that name.
    const script = join(lab.folder, 'ksmtuned')
    writeFileSync(script, `until [ -e ${script}.stop ]; do sleep 0.1; done\n`)
    await lab.host.exec(`setsid sh ${script} >/dev/null 2>&1 &`)
    const codesNow = async () => codesOf(guestOf(await lab.helperJson('assess', assessment), 'governed').why)
    // The shell in the background comes to run it in its own time.
    await expect.poll(codesNow, { timeout: 60_000 }).toContain('another-governor')
    const found = await lab.helperJson('assess', assessment)
    const reason = guestOf(found, 'governed').why.find(({ code }) => code === 'another-governor')
    expect(reason?.text).toContain('ksmtuned (process ')
    // What KSM may not merge is nobody's to govern.
    expect(guestOf(found, 'aside').why.map(({ code }) => code)).not.toContain('another-governor')
    writeFileSync(`${script}.stop`, '')
    await expect.poll(codesNow, { timeout: 60_000 }).not.toContain('another-governor')
    await lab.killGuests()
  })

  it('excluded by policy: guests and images, which a scrub then leaves alone', async () => {
    const kept = lab.writeFile('kept', 24)
    const other = lab.writeFile('other', 24)
    const drives = [kept, other].map(({ path }) => `file=${path},format=raw`)
    await lab.startGuest({
      name: 'kept-guest',
      ramMiB: 160,
      contents: [kept.block, other.block],
      stepMiB: 32,
      drives,
    })
    const policy = join(lab.folder, 'policy.json')
    const guards = { exclude: [kept.path] }
    writeFileSync(
      policy,
      JSON.stringify({
        scrub: { mode: 'observe', guards },
        ksm: { mode: 'observe', exclude: ['kept-guest'] },
      }),
    )
    const found = await lab.helperJson(`assess --policy ${policy}`, assessment)
    expect(codesOf(guestOf(found, 'kept-guest').why)).toContain('excluded-by-policy')
    expect(found.images.map(({ path, why }) => [path, codesOf(why)])).toEqual([
      [kept.path, ['excluded-by-policy']],
      [other.path, []],
    ])
    const scrubbed = await lab.helperJson(`scrub --policy ${policy}`, scrubResult)
    expect(scrubbed.images.map(({ skipped }) => skipped?.code)).toEqual(['excluded-by-policy', undefined])
    expect(scrubbed.images[0]?.evictedBytes).toBe(0)
    // The kernel may take a little of it by itself.
    expect(scrubbed.images[0]?.residentAfterBytes).toBeGreaterThan(23 * MIB)
    expect(scrubbed.images[1]?.evictedBytes).toBeGreaterThan(23 * MIB)
    const refused = await lab.helper('scrub --policy /nowhere/policy.json')
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('/nowhere/policy.json') })
    await lab.killGuests()
  })
})

describe.skipIf(!isRoot)('why images are not evicted', () => {
  let lab: FaultLab
  beforeAll(async () => {
    lab = await upFaultLab()
  })
  afterAll(() => lab?.down())

  /** A guest that holds the content of `block` at page bounds, and has `path` as its disk. */
  const assessImage = async (path: string, block: string, options = '') => {
    const drives = [`file=${path},format=raw${options}`]
    await lab.startGuest({ name: 'holder', ramMiB: 128, contents: [block], drives })
    const found = await lab.helperJson('assess', assessment)
    const scrubbed = await lab.helperJson('scrub', scrubResult)
    await lab.killGuests()
    const [image] = found.images
    if (image === undefined) throw new Error(`${path} was not found`)
    return { image, scrubbed }
  }

  it('nothing is in the way of an aligned one', async () => {
    const { path, block } = lab.writeFile('aligned', 24)
    const { image, scrubbed } = await assessImage(path, block)
    expect(image.why).toEqual([])
    // The kernel may take a little of it by itself.
    expect(image.doubleCachedBytes).toBeGreaterThan(23 * MIB)
    expect(image.doubleCachedBytes).toBeLessThanOrEqual(24 * MIB)
    expect(scrubbed.totals.evictedBytes).toBeGreaterThan(23 * MIB)
  })

  it('O_DIRECT (cache=none)', async () => {
    const { path, block } = lab.writeFile('direct', 24)
    const { image, scrubbed } = await assessImage(path, block, ',cache=none')
    expect(image).toMatchObject({
      cacheMode: 'direct',
      doubleCachedBytes: 0,
      notApplicable: { code: 'direct-io' },
    })
    expect(scrubbed.images[0]).toMatchObject({ evictedBytes: 0, skipped: { code: 'direct-io' } })
  })

  it('not in the page cache, but in memory itself', async () => {
    const { block } = lab.writeFile('in-memory', 24)
    const path = '/run/lab/in-memory.raw'
    await lab.host.exec(`cp ${block} ${path}`)
    const { image, scrubbed } = await assessImage(path, block)
    expect(image).toMatchObject({ doubleCachedBytes: 0, notApplicable: { code: 'not-page-cache' } })
    expect(scrubbed.images[0]).toMatchObject({ evictedBytes: 0, skipped: { code: 'not-page-cache' } })
  })

  it('a partition that starts at sector 63', async () => {
    const { path, block } = lab.writeFile('partitioned', 24)
    // A table as old tools made it, and the content right where its partition begins.
    writePartitionTable(path, 63)
    await runOk('dd', [
      `if=${block}`,
      `of=${path}`,
      'bs=32256',
      'seek=1',
      'conv=notrunc,fsync',
      'status=none',
    ])
    const { image, scrubbed } = await assessImage(path, block)
    expect(codesOf(image.why)).toEqual(['misaligned-content'])
    expect(image.why[0]?.text).toContain('partition 1 starts at sector 63')
    expect(image.doubleCachedBytes).toBeLessThan(MIB)
    expect(scrubbed.totals.evictedBytes).toBeLessThan(MIB)
  })

  it('a file system with blocks of 1 KiB', async () => {
    const { path, block } = lab.writeFile('small-blocks', 24)
    const content = join(lab.folder, 'small-blocks.ext4')
    writeFileSync(content, '')
    await runOk('truncate', ['--size', '48M', content])
    const tree = join(lab.folder, 'tree')
    await runOk('mkdir', [tree])
    await runOk('cp', [block, tree])
    await runOk('mkfs.ext4', ['-q', '-F', '-b', '1024', '-d', tree, content])
    await runOk('cp', [content, path])
    await runOk('sync', [path])
    const { image } = await assessImage(path, block)
    expect(codesOf(image.why)).toEqual(['misaligned-content'])
    expect(image.why[0]?.text).toContain('blocks of 1 KiB')
  })

  it('content that guests do not hold, or that cannot be compared: a guess, worded as one', async () => {
    const { path } = lab.writeFile('foreign', 24)
    const { block } = lab.writeFile('held', 24)
    const { image } = await assessImage(path, block)
    expect(codesOf(image.why)).toEqual(['misaligned-content'])
    expect(image.why[0]?.text).toMatch(/^only 0.* is found in guests: either/)
  })

  it('open for writing by another process', async () => {
    const { path, block } = lab.writeFile('written', 24)
    const drives = [`file=${path},format=raw`]
    await lab.startGuest({ name: 'holder', ramMiB: 128, contents: [block], drives })
    const busy = await lab.host.exec(`exec 5<>'${path}'; '${lab.program}' scrub --json 5<&-; exit $?`)
    const [image] = scrubResult.parse(JSON.parse(busy.stdout)).images
    expect(image).toMatchObject({ evictedBytes: 0, skipped: { code: 'opened-by-another-process' } })
    await lab.killGuests()
  })
})

function guestOf(found: Assessment, name: string): Assessment['guests'][number] {
  const guest = found.guests.find((one) => one.name === name)
  if (guest === undefined) throw new Error(`guest ${name} was not found`)
  return guest
}

/** One partition of Linux, in the MBR of an image that is there. */
function writePartitionTable(path: string, firstSector: number): void {
  const sector = Buffer.alloc(512)
  sector.writeUInt8(0x83, 446 + 4)
  sector.writeUInt32LE(firstSector, 446 + 8)
  sector.writeUInt32LE(40_000, 446 + 12)
  sector.writeUInt16LE(0xaa55, 510)
  const fd = openSync(path, 'r+')
  try {
    writeSync(fd, sector, 0, sector.length, 0)
  } finally {
    closeSync(fd)
  }
}

function codesOf(reasons: readonly Reason[]): string[] {
  return reasons.map(({ code }) => code).filter((code) => code !== 'huge-pages')
}
