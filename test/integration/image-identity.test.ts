// Which file is which image, and which is none: links, devices, containers, stacked file systems, RAM in files.
import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Assessment, assessment } from '../../src/shared/contract/assessment.ts'
import { sample } from '../../src/shared/contract/history.ts'
import { scrubResult } from '../../src/shared/contract/page-cache.ts'
import { type FaultLab, upFaultLab } from '../beds/fault/fault-lab.ts'
import { serveFuseDisk } from '../beds/fault/fuse-disk.ts'
import { buildHostileGuest, HostileGuest, startHostileGuest, stranger } from '../beds/fault/hostile-guest.ts'
import { expectOneMapping, freeHugePages } from '../beds/fault/huge-pages.ts'
import { isRoot } from '../beds/is-root.ts'

const MIB = 2 ** 20
const HUGE_PAGES = '/proc/sys/vm/nr_hugepages'

describe.skipIf(!isRoot)('images by identity', { timeout: 120_000 }, () => {
  let lab: FaultLab
  let program: string
  const guests: HostileGuest[] = []

  beforeAll(async () => {
    lab = await upFaultLab({ leavesKsm: true })
    program = await buildHostileGuest(lab.folder)
    // A stranger has to get to the mounts in there.
    for (const path of [lab.folder, dirname(lab.folder), dirname(dirname(lab.folder))]) chmodSync(path, 0o711)
  })
  afterEach(async () => {
    for (const guest of guests.splice(0)) await guest.end()
    await lab?.killGuests()
  })
  afterAll(() => lab?.down())

  const start = async (name: string, ...args: string[]) => {
    const guest = await startHostileGuest(lab.host.initPid, program, ['-name', name, ...args])
    guests.push(guest)
    return guest
  }
  /** In a mount namespace of its own, where `folder` lies at `at`. */
  const startInContainer = async (name: string, folder: string, at: string) => {
    const script = `mount --bind '${folder}' '${at}' && exec '${program}' -name ${name} -m 64`
    const enter = ['--target', String(lab.host.initPid), '--pid', '--mount', '--uts', '--']
    const guest = new HostileGuest(spawn('nsenter', [...enter, 'unshare', '-m', 'sh', '-c', script]))
    await guest.tell('dup 1 200')
    guests.push(guest)
    return guest
  }
  const assess = (args = '') => lab.helperJson(`assess ${args}`, assessment)
  const withGuards = (guards: object) => {
    const path = join(lab.folder, 'policy.json')
    writeFileSync(path, JSON.stringify({ scrub: { mode: 'observe', guards } }))
    return `--policy '${path}'`
  }

  it('excludes what the policy names by a link, and says which entries fit nothing', async () => {
    const { path } = lab.writeFile('pool.raw', 2)
    const link = join(lab.folder, 'pool-link')
    symlinkSync(dirname(path), link)
    await (await start('linked')).open(path)
    const policy = withGuards({ exclude: [join(link, 'pool.raw'), '/nowhere/a.raw'] })
    const found = await assess(policy)
    expect(found.images.map((image) => [image.path, codesOf(image)])).toEqual([
      [path, ['excluded-by-policy']],
    ])
    expect(found.unreadable.map(({ path: of, problem }) => [of, problem.code])).toEqual([
      ['/nowhere/a.raw', 'not-found'],
    ])
    const plan = await lab.helperJson(`scrub --dry-run ${policy}`, scrubResult)
    expect(plan.images.map(({ skipped }) => skipped?.code)).toEqual(['excluded-by-policy'])
    const governed = await lab.helper(`govern --dry-run --once ${policy}`)
    expect(governed.stdout + governed.stderr).toContain(
      'cannot apply scrub.guards.exclude to /nowhere/a.raw: no guest has it as an image',
    )
  })

  it('excludes a block device by a link to it, as /dev/VG/LV is one', async (ctx) => {
    const { path } = lab.writeFile('volume.raw', 4)
    let device = ''
    try {
      device = execFileSync('losetup', ['--find', '--show', path], { encoding: 'utf8' }).trim()
    } catch (error) {
      ctx.skip(`no loop device: ${error}`)
    }
    try {
      const link = join(lab.folder, 'lv')
      symlinkSync(device, link)
      const node = join(lab.folder, 'own-node')
      const [major, minor] = execFileSync('stat', ['-c', '%Hr %Lr', device], { encoding: 'utf8' }).split(' ')
      // As in a container or libvirt's own /dev: another node of the same device.
      execFileSync('mknod', [node, 'b', major ?? '', minor?.trim() ?? ''])
      const guest = await start('volume')
      await guest.open(node)
      const found = await assess(withGuards({ exclude: [link] }))
      expect(found.images).toMatchObject([{ path: node, format: 'block-device' }])
      expect(codesOf(found.images[0])).toEqual(['excluded-by-policy'])
      expect(found.images[0]?.id).toMatch(/^block \d+:\d+@\d+$/)
      await guest.end()
    } finally {
      execFileSync('losetup', ['-d', device])
    }
  })

  it('tells two containers apart that have the same path', async () => {
    const mount = join(lab.folder, 'storage')
    mkdirSync(mount)
    const ids: string[] = []
    for (const [index, name] of ['first', 'second'].entries()) {
      const folder = join(lab.folder, `container-${name}`)
      mkdirSync(folder)
      writeFileSync(join(folder, 'data.img'), Buffer.alloc((2 + index) * MIB, index + 1))
      await (await startInContainer(name, folder, mount)).open(join(mount, 'data.img'))
    }
    const found = await assess()
    expect(found.unreadable).toEqual([])
    expect(found.images.map(({ path, residentBytes }) => [basename(path), residentBytes])).toEqual([
      ['data.img', 2 * MIB],
      ['data.img', 3 * MIB],
    ])
    for (const { id } of found.images) ids.push(id ?? '')
    expect(new Set(ids).size).toBe(2)
    const text = (await lab.helper('assess')).stdout
    for (const id of ids) expect(text).toContain(`${join(mount, 'data.img')} [${id}]`)
    const excluded = await assess(withGuards({ exclude: [join(mount, 'data.img')] }))
    expect(excluded.images.map(codesOf)).toEqual([['excluded-by-policy'], ['excluded-by-policy']])
    const only = await lab.helperJson(`scrub --dry-run --image '${ids[1]}'`, scrubResult)
    expect(only.images.map(({ id }) => id)).toEqual([ids[1]])
  })

  it('counts on overlayfs by mincore, knows nothing of dirt there, and evicts nothing', async () => {
    const folder = join(lab.folder, 'overlay')
    for (const part of ['lower', 'upper', 'work', 'merged'])
      mkdirSync(join(folder, part), { recursive: true })
    const merged = join(folder, 'merged')
    const path = join(merged, 'disk.raw')
    const content = lab.writeFile('layer', 8, 3)
    const options = ['lower', 'upper', 'work'].map((part) => `${part}dir=${join(folder, part)}`).join(',')
    const mounted = await lab.host.exec(
      `mount -t overlay overlay -o '${options}' '${merged}' && ` +
        `dd if='${content.path}' of='${path}' bs=1M conv=fsync status=none && ` +
        // What is written last is dirty.
        `dd if='${content.block}' of='${path}' bs=1M conv=notrunc status=none`,
    )
    expect(mounted.stderr).toBe('')
    // It holds all of the content, so that all would go if it were known to be clean.
    const drives = [`file=${path},format=raw`]
    await lab.startGuest({ name: 'layered', ramMiB: 128, contents: [content.block], drives })
    const found = await assess()
    expect(found.unreadable).toEqual([])
    expect(found.images).toMatchObject([{ path, residentBytes: 24 * MIB, doubleCachedBytes: 24 * MIB }])
    expect(found.images[0]).not.toHaveProperty('dirtyBytes')
    const session = await lab.openSession('--read-only')
    const taken = sample.parse((await session.call('sample')).result)
    expect(taken.images).toEqual([{ path, id: found.images[0]?.id, residentBytes: 24 * MIB }])
    await session.end()
    const scrubbed = await lab.helperJson('scrub', scrubResult)
    expect(scrubbed.images).toMatchObject([{ path, evictedBytes: 0, residentAfterBytes: 24 * MIB }])
    expect(scrubbed.images[0]?.skipped?.code).toBe('dirty-unknown')
    const after = await assess()
    expect(after.images).toMatchObject([{ path, residentBytes: 24 * MIB }])
  })

  it.each(['', 'allow_other', 'allow_other mute'])(
    'finds the disks around one on a FUSE mount of a user %s',
    async (options) => {
      const mount = join(lab.folder, `fuse-${options.replaceAll(' ', '-')}`)
      mkdirSync(mount)
      const fuse = await serveFuseDisk(lab.host.initPid, mount, `${stranger} 2 ${options}`)
      try {
        const guest = await start('between')
        const before = lab.writeFile(`before-${options}`, 2).path
        const after = lab.writeFile(`after-${options}`, 2).path
        for (const path of [before, after]) chownSync(path, stranger, stranger)
        await guest.open(before)
        const reserved = await guest.open(after)
        await guest.tell(`dup ${reserved} 90`)
        await guest.tell(`close ${reserved}`)
        await guest.tell(`become ${stranger}`)
        const iso = join(mount, 'disk.iso')
        await guest.open(iso)
        if (options.includes('mute')) await fuse.turn()
        const found = await assess()
        expect(found.images.map(({ path }) => path)).toEqual([before, after])
        expect(found.unreadable.map(({ path }) => path)).toEqual([iso])
        const { message = '', remedy = '' } = found.unreadable[0]?.problem ?? {}
        expect(message).toContain(iso)
        expect(message).toContain(`fuse.stranger at ${mount}`)
        expect(remedy).not.toContain('sudo')
      } finally {
        await fuse.end()
      }
    },
  )

  it('finds the disks around one that cannot be opened, though it is a regular file', async () => {
    const mount = join(lab.folder, 'refusing')
    mkdirSync(mount)
    const fuse = await serveFuseDisk(lab.host.initPid, mount, '0 2 allow_other refusing')
    try {
      const guest = await start('refused')
      const disks = ['first.raw', 'last.raw'].map((name) => lab.writeFile(name, 2).path)
      await guest.open(disks[0] ?? '')
      await guest.open(join(mount, 'disk.iso'))
      await guest.open(disks[1] ?? '')
      await fuse.turn()
      const found = await assess()
      expect(found.images.map(({ path }) => path)).toEqual(disks)
      expect(found.unreadable.map(({ path, problem }) => [path, problem.message])).toEqual([
        [
          join(mount, 'disk.iso'),
          expect.stringMatching(/cannot look at descriptor \d+ of guest .*disk\.iso: .*ENXIO/),
        ],
      ])
    } finally {
      for (const guest of guests.splice(0)) await guest.end()
      await fuse.end()
    }
  })

  it('takes no RAM in huge pages for a disk, and maps none of it', async (ctx) => {
    const before = readFileSync(HUGE_PAGES, 'utf8').trim()
    const wanted = Number(before) + 48
    writeFileSync(HUGE_PAGES, `${wanted}`)
    const folder = join(lab.folder, 'hugepages')
    mkdirSync(folder)
    await lab.host.exec(`mount -t hugetlbfs none '${folder}'`)
    try {
      if (Number(readFileSync(HUGE_PAGES, 'utf8')) < wanted) ctx.skip('the kernel has no huge pages left')
      const free = freeHugePages()
      const memory = JSON.stringify({
        'qom-type': 'memory-backend-file',
        id: 'ram0',
        'mem-path': folder,
        size: 96 * MIB,
        share: true,
        prealloc: true,
      })
      const guest = await lab.startGuest({ name: 'huge', ramMiB: 96, memory })
      const session = await lab.openSession('--read-only')
      for (let turn = 0; turn < 11; turn += 1) {
        const taken = sample.parse((await session.call('sample')).result)
        expect([taken.images, taken.unreadable.filter(({ path }) => path.includes('huge'))]).toEqual([[], []])
      }
      const found = assessment.parse((await session.call('assess')).result)
      expect(found.images).toEqual([])
      expect(found.guests[0]?.why.map(({ code }) => code)).toEqual(['hugetlb-ram'])
      await guest.kill()
      // Nothing of the guest's RAM is kept by the helper, which still runs.
      await expect.poll(freeHugePages).toBe(free)
      await session.end()
      await expectOneMapping(lab, folder)
    } finally {
      await lab.killGuests()
      await lab.host.exec(`umount '${folder}'`)
      writeFileSync(HUGE_PAGES, before)
    }
  })

  it('takes no RAM in a file for a disk, however it is spelled', async () => {
    const disk = lab.writeFile('beside-ram.raw', 2).path
    const memory = JSON.stringify({
      'qom-type': 'memory-backend-file',
      id: 'ram0',
      'mem-path': join(lab.folder, 'spelled.ram'),
      size: 96 * MIB,
      share: true,
      prealloc: true,
    })
    await lab.startGuest({ name: 'spelled', ramMiB: 96, memory, drives: [`file=${disk},format=raw`] })
    const found = await assess()
    expect(found.images.map(({ path }) => path)).toEqual([disk])
    expect(found.guests[0]?.why.map(({ code }) => code)).toContain('shared-ram')
  })

  it('says in one line that a guest has network disks only', async () => {
    await start('remote', '-drive', 'file=nbd:127.0.0.1:10809,if=virtio', '-drive', 'file=rbd:pool/web')
    const found = await assess()
    expect(found.images).toEqual([])
    const why = found.guests[0]?.why.filter(({ code }) => code === 'no-local-disk')
    expect(why?.map(({ text }) => text)).toEqual([
      'its disks are not files or devices of this host (nbd, rbd): the page cache holds nothing of them',
    ])
  })
})

const codesOf = (image: Assessment['images'][number] | undefined) => image?.why.map(({ code }) => code)
