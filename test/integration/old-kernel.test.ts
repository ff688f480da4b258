// The helper on Debian's 6.1 kernel, which lacks cachestat, PAGEMAP_SCAN, KSM's advisor and smart scan; and on a
// processor without AVX2.
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { startProblem } from '../../src/main/helper-link/helper-process.ts'
import { probeScript } from '../../src/main/helper-link/host-scripts.ts'
import { pickHelper, readManifest } from '../../src/main/helper-link/manifest.ts'
import { parseSaid } from '../../src/main/helper-link/run-script.ts'
import { capabilities } from '../../src/shared/contract/host-contract.ts'
import { assessment, ksmStatus, scrubResult } from '../../src/shared/contract/index.ts'
import { buildHelper } from '../beds/engine/helper-binary.ts'
import { makeFileSystem } from '../beds/lab/images.ts'
import { runOnOldKernel } from '../beds/lab/old-kernel.ts'
import { runOk } from '../beds/lab/run.ts'
import { buildStandInGuest } from '../beds/lab/stand-in-guest.ts'

const PAGE = 4096
const MIB = 2 ** 20
const RAM_MIB = 64
const CONTENT_MIB = 24
const TIMEOUT_MS = 400_000

const probed = z.object({ capabilities, limits: z.array(z.string()) })

// Two guests of 64 MiB: both hold the image's content in their first 24 MiB, and zeros behind it.
const SCRIPT = `
mkdir -p /mnt /var/lib /run
mount -t ext4 /dev/nvme0n1 /mnt || exit 10
knobs() { for f in run pages_to_scan sleep_millisecs merge_across_nodes use_zero_pages max_page_sharing; do
  cat /sys/kernel/mm/ksm/$f; done | tr '\\n' ' '; }
show() { echo "SHOW $1 $2"; }
helper() { name=$1; shift; singleton-helper "$@" --json >/tmp/out 2>/tmp/err; code=$?
  show "$name" "$(cat /tmp/out)"; [ $code = 0 ] || { echo "$name: exit $code: $(cat /tmp/err)"; exit 11; }; }
resident() { show "$1" "$(vmtouch /mnt/image.raw | sed -n 's/^ *Resident Pages: \\([0-9]*\\).*/\\1/p')"; }
show kernel "$(uname -r)"
show checksum "$(md5sum </mnt/image.raw)"
for name in a b; do
  qemu-system-stand-in -name $name -m ${RAM_MIB} -contents /mnt/image.raw -drive /mnt/image.raw >/tmp/$name &
  until grep -q ready /tmp/$name; do usleep 50000; done
done
helper probe probe
resident residentBefore
helper assessed assess
helper planned scrub --dry-run
resident residentPlanned
# One page is written again with what it holds: the same content, but dirty.
dd if=/mnt/image.raw of=/mnt/image.raw bs=4096 count=1 skip=7 seek=7 conv=notrunc 2>/dev/null
helper scrubbed scrub
resident residentScrubbed
show checksumScrubbed "$(md5sum </mnt/image.raw)"
show knobsFound "$(knobs)"
helper status ksm status
helper started ksm start --pages-to-scan 20000 --sleep-ms 10
ksm() { cat /sys/kernel/mm/ksm/$1; }
while :; do last=$(ksm pages_sharing); wanted=$(($(ksm full_scans) + 2))
  until [ $(ksm full_scans) -ge $wanted ]; do sleep 1; done
  [ $(ksm pages_sharing) = $last ] && [ $last != 0 ] && break; done
helper stopped ksm stop
show counted "$(cat /sys/kernel/mm/ksm/pages_sharing)"
helper merged assess
helper restored ksm restore
show knobsRestored "$(knobs)"
show journal "$(ls /var/lib/singleton-helper)"
helper governed govern --once --dry-run
`

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'singleton-old-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('on a 6.1 kernel', () => {
  let shown: ReadonlyMap<string, string>
  const document = <T>(name: string, schema: z.ZodType<T>): T => schema.parse(JSON.parse(textOf(name)))
  const textOf = (name: string) => {
    const text = shown.get(name)
    if (text === undefined)
      throw new Error(`the machine did not get to ${name}: ${[...shown.keys()].join(' ')}`)
    return text
  }

  beforeAll(async () => {
    const disk = await makeDisk(folder)
    const files = {
      'bin/singleton-helper': buildHelper(),
      'bin/qemu-system-stand-in': await buildStandInGuest(folder),
      'bin/vmtouch': '/usr/bin/vmtouch',
    }
    const result = await runOnOldKernel({ script: SCRIPT, files, disk, ramMiB: 1536, timeoutMs: TIMEOUT_MS })
    shown = new Map(
      Array.from(result.output.matchAll(/^SHOW (\w+) (.*)$/gm), ([, key = '', text = '']) => [key, text]),
    )
    expect(result.code, result.output.slice(-2000)).toBe(0)
  }, TIMEOUT_MS)

  it('says what this kernel lacks, and which one has it', () => {
    expect(textOf('kernel')).toMatch(/^6\.1\./)
    const { capabilities: has, limits } = document('probe', probed)
    expect(has).toMatchObject({
      ...{ pagemapScan: false, cachestat: false, ksmAdvisor: false, ksmSmartScan: false },
      ...{ pageFrames: true, kpageflags: true, guestMemory: true, ksm: true, ksmWritable: true },
    })
    for (const missing of ['PAGEMAP_SCAN', 'cachestat', 'advisor', 'smart scan']) {
      expect(limits.filter((text) => text.includes(missing))).toHaveLength(1)
    }
  })

  it('assesses what was put there, to the page', () => {
    const found = document('assessed', assessment)
    const content = (CONTENT_MIB * MIB) / PAGE
    const zeros = ((RAM_MIB - CONTENT_MIB) * MIB) / PAGE
    expect(found.unreadable).toEqual([])
    expect(found.guests.map(({ name }) => name)).toEqual(['a', 'b'])
    for (const guest of found.guests) {
      expect(guest).toMatchObject({
        ramBytes: RAM_MIB * MIB,
        residentBytes: RAM_MIB * MIB,
        zeroBytes: zeros * PAGE,
        identicalBytes: RAM_MIB * MIB,
        mergedBytes: 0,
        doubleCachedBytes: content * PAGE,
      })
    }
    expect(found.totals.mergeableBytes).toBe((content + 2 * zeros - 1) * PAGE)
    const [image] = found.images
    expect(image).toMatchObject({
      path: '/mnt/image.raw',
      residentBytes: Number(textOf('residentBefore')) * PAGE,
    })
    expect(image?.doubleCachedBytes).toBe(image?.residentBytes)
    expect(image).not.toHaveProperty('dirtyBytes')
  })

  it('plans a scrub without touching the cache, then evicts what the plan said and loses nothing', () => {
    const before = Number(textOf('residentBefore'))
    const after = Number(textOf('residentScrubbed'))
    const plan = document('planned', scrubResult)
    const done = document('scrubbed', scrubResult)
    expect(before).toBe((CONTENT_MIB * MIB) / PAGE)
    expect(Number(textOf('residentPlanned'))).toBe(before)
    expect(plan).toMatchObject({ dryRun: true, totals: { evictedBytes: before * PAGE } })
    expect(done.unreadable).toEqual([])
    expect(done.totals).toMatchObject({
      residentBeforeBytes: before * PAGE,
      residentAfterBytes: after * PAGE,
      evictedBytes: (before - after) * PAGE,
    })
    // The written page stays, and with it what shares a folio with it, unless its write-back, which POSIX_FADV_DONTNEED
    // begins, has ended before the kernel comes to evict it.
    expect(after).toBeLessThan(before / 10)
    expect(textOf('checksumScrubbed')).toBe(textOf('checksum'))
  })

  it('merges, attributes what the kernel counts, and puts every knob back', () => {
    expect(document('status', ksmStatus)).toMatchObject({ mergedBytes: 0, governors: [] })
    expect(document('started', ksmStatus).settings).toMatchObject({
      run: 1,
      pagesToScan: 20000,
      sleepMillisecs: 10,
    })
    expect(document('stopped', ksmStatus).settings.run).toBe(0)
    const counted = Number(textOf('counted'))
    const merged = document('merged', assessment)
    expect(counted).toBeGreaterThan((CONTENT_MIB * MIB) / PAGE)
    const attributed = merged.guests.reduce((sum, guest) => sum + guest.mergedBytes, 0)
    expect(Math.abs(attributed - counted * PAGE)).toBeLessThanOrEqual(0.01 * counted * PAGE)
    // All of it: what is left are the frames beyond the first that max_page_sharing keeps of zeros.
    const before = document('assessed', assessment).totals.mergeableBytes
    expect(merged.totals.mergedBytes + merged.totals.mergeableBytes).toBe(before)
    expect(merged.totals.mergeableBytes).toBeLessThan(0.05 * before)
    expect(textOf('knobsRestored')).toBe(textOf('knobsFound'))
    expect(document('restored', ksmStatus)).not.toHaveProperty('journaledSince')
    expect(textOf('journal')).toBe('audit.jsonl')
  })

  it('governs', () => {
    expect(JSON.parse(textOf('governed'))).toHaveProperty('decisions')
  })
})

describe('on a processor without AVX2', () => {
  it(
    'dies of an illegal instruction, which is told apart, with the way out',
    async () => {
      const helper = buildHelper()
      const manifest = await readManifest(join(helper, '..'))
      const script = `${probeScript(manifest.buildDigest)}\nsingleton-helper --version\necho "exit=$?"`
      const files = { 'bin/singleton-helper': helper }
      const result = await runOnOldKernel({ script, files, cpu: 'qemu64', timeoutMs: TIMEOUT_MS })
      expect(result.output).toContain('exit=132')
      const problem = startProblem({ status: { code: 132 }, log: { tail: () => '' } }, 'old-host')
      expect(problem.code).toBe('not-supported')
      expect(problem.message).toContain('processor lacks instructions')
      expect(problem.remedy).toContain('npm run build:helper -- --all')

      // Found beforehand, so that it never comes to that.
      const said = parseSaid(result.output)
      expect(said.get('machine')).toEqual(['x86_64'])
      expect(said.has('avx2')).toBe(false)
      const kind = { machine: 'x86_64', libc: 'glibc', hasAvx2: said.has('avx2') } as const
      expect(() => pickHelper(manifest, kind, 'old-host')).toThrow(
        /processor|without AVX2.*singleton-helper-linux-x64-baseline.*not built/,
      )
    },
    TIMEOUT_MS,
  )
})

/** ext4 with image.raw of random content; the disk itself is kept small. */
async function makeDisk(folder: string): Promise<string> {
  const tree = join(folder, 'tree')
  mkdirSync(tree)
  writeFileSync(join(tree, 'image.raw'), randomBytes(CONTENT_MIB * MIB))
  const disk = join(folder, 'disk.raw')
  writeFileSync(disk, '')
  truncateSync(disk, (CONTENT_MIB + 40) * MIB)
  await makeFileSystem(disk, tree)
  await runOk('rm', ['-r', tree])
  return disk
}
