import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { isRoot } from '../beds/is-root.ts'
import { downLab, type Lab, type LabOptions, upLab, writeSshHome } from '../beds/lab/lab.ts'
import { runOnOldKernel } from '../beds/lab/old-kernel.ts'
import { isAlive } from '../beds/lab/processes.ts'
import { type RunResult, run } from '../beds/lab/run.ts'
import { largeGuests } from '../beds/lab/stand-in-guest.ts'
import { readState } from '../beds/lab/state.ts'

if (!isRoot) console.warn('skipped: lab tests need root for namespaces and guests')

const KSM_SLEEP = '/sys/kernel/mm/ksm/sleep_millisecs'
const small = { commonMiB: 8, ownMiB: 16 }
const oneGuest: LabOptions = { ...small, hosts: [{ guests: 1, memoryLimitBytes: 1 << 30 }] }

let dir = ''
afterEach(async () => {
  await downLab(dir)
  rmSync(`${dir}.home`, { recursive: true, force: true })
})

describe.skipIf(!isRoot)('the lab', () => {
  it('is reached over ssh, shows only its own guests, and leaves nothing behind', async () => {
    const before = await prepare()
    const lab = await up(oneGuest)
    const [host] = lab.hosts
    const [guest] = host?.guests ?? []
    if (!host || !guest) throw new Error('no guest')
    const recorded = readState(dir)?.processes ?? []

    const names = await ssh(lab, 'hostname; cat /proc/[0-9]*/comm')
    expect(names.stderr).toBe('')
    expect(names.stdout.split('\n')[0]).toBe('lab-a')
    expect(names.stdout.match(/^qemu-system/gm)).toHaveLength(1)
    expect(await ssh(lab, `cat /proc/${guest.pidInHost}/comm`)).toMatchObject({ code: 0 })
    expect(readFileSync(`/proc/${guest.pid}/comm`, 'utf8')).toMatch(/^qemu-system/)
    expect(await guest.command('ping')).toBe('pong\n')
    expect(Number(await guest.command('read files/own/big.bin'))).toBe(8 << 20)
    await expect(guest.command('read no/such/file')).rejects.toThrow('exit 1')
    await expect(upLab({ dir })).rejects.toThrow(`process ${process.pid} has had one`)

    const sleep = readFileSync(KSM_SLEEP, 'utf8').trim()
    writeFileSync(KSM_SLEEP, `${Number(sleep) + 13}`)
    await lab.down()
    expect(recorded.filter(isAlive)).toEqual([])
    expect(existsSync(dir)).toBe(false)
    expect(await readTraces()).toEqual(before)
  })

  it('has a host that libvirt manages, with a base that its guests share', async () => {
    const before = await prepare()
    const lab = await up({ ...small, hosts: [{ kind: 'libvirt', guests: 2 }] })
    const [first, second] = lab.hosts[0]?.guests ?? []
    expect((await ssh(lab, 'virsh list --name')).stdout.trim().split('\n').sort()).toEqual([
      'guest-a1',
      'guest-a2',
    ])
    expect(first?.images).toHaveLength(2)
    expect(first?.images[1]).toBe(second?.images[1])
    const stats = await ssh(lab, `virsh domstats --block --raw guest-a1`)
    expect(stats.stdout).toContain(`block.0.path=${first?.images[0]}`)
    await lab.down()
    expect(await readTraces()).toEqual(before)
  })

  it('changes its host key when asked', async () => {
    await prepare()
    const lab = await up({ ...small, hosts: [{ guests: [{ warm: false, writer: true }] }] })
    const [host] = lab.hosts
    if (!host) throw new Error('no host')
    const home = `${dir}.home`
    writeSshHome(lab, home)
    const found = host.hostKeyFingerprint
    await host.restartSshd({ newHostKey: true })
    expect(host.hostKeyFingerprint).not.toBe(found)
    const refused = await run('ssh', [
      '-F',
      join(home, '.ssh/config'),
      '-o',
      'BatchMode=yes',
      'lab-a',
      'true',
    ])
    expect(refused.code).toBe(255)
    expect(refused.stderr).toContain(host.hostKeyFingerprint)
    expect(await ssh(lab, 'true')).toMatchObject({ code: 0 })
    expect(await host.guests[0]?.command('write files/new.bin 2')).toContain('/data/files/new.bin')
  })

  it('is removed by down after its owner was killed', async () => {
    const before = await prepare()
    const owner = await startOwner(oneGuest, 'UP')
    const recorded = readState(dir)?.processes ?? []
    owner.kill('SIGKILL')
    await once(owner, 'exit')
    expect(recorded.every(isAlive)).toBe(true)
    expect(await downLab(dir)).toBe(true)
    expect(recorded.filter(isAlive)).toEqual([])
    expect(await readTraces()).toEqual(before)
  })

  it('is replaced by the next up after its owner was killed half way', async () => {
    const before = await prepare()
    const owner = await startOwner(oneGuest, 'booting')
    owner.kill('SIGKILL')
    await once(owner, 'exit')
    const recorded = readState(dir)?.processes ?? []
    expect(recorded).toHaveLength(2)
    const lab = await upLab({ ...oneGuest, dir })
    expect(recorded.filter(isAlive)).toEqual([])
    expect(await lab.hosts[0]?.guests[0]?.command('ping')).toBe('pong\n')
    await lab.down()
    expect(await readTraces()).toEqual(before)
  })

  it('has large guests, of which nothing is left when their owner was killed', async () => {
    const before = await prepare()
    const owner = await startOwner(
      { hosts: [{ guests: largeGuests({ ramMiB: 64, imageMiB: 32 }) }], leavesKsm: true },
      'UP',
    )
    const guests = readState(dir)?.hosts[0]?.guests ?? []
    expect(guests).toHaveLength(5)
    for (const { pid } of guests) {
      expect(readlinkSync(`/proc/${pid}/exe`)).toMatch(/qemu-system-x86_64$/)
      const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
      expect(Number(/^AnonHugePages: +(\d+) kB$/m.exec(rollup)?.[1])).toBe(64 * 1024)
    }
    expect(statSync(`/proc/${guests[0]?.pid}/exe`)).toMatchObject({ uid: 0, mode: 0o100755 })
    owner.kill('SIGKILL')
    await once(owner, 'exit')
    expect(await downLab(dir)).toBe(true)
    expect(await readTraces()).toEqual(before)
  })

  it('runs a script on an old kernel', async () => {
    const result = await runOnOldKernel({ script: 'uname -r; ls /sys/kernel/mm/ksm; exit 3', ramMiB: 128 })
    expect(result.code).toBe(3)
    expect(result.output).toMatch(/^\d+\.\d+.*-cloud-amd64\n/)
    expect(result.output).toContain('pages_sharing')
  })
})

/** Chooses the lab's folder, still absent, and reads what there is. */
async function prepare(): Promise<Record<string, string>> {
  dir = mkdtempSync(join(tmpdir(), 'singleton-lab-'))
  rmdirSync(dir)
  return await readTraces()
}

function up(options: LabOptions): Promise<Lab> {
  return upLab({ ...options, dir })
}

/** Starts a process that owns a lab, and waits until it has printed a word. */
async function startOwner(options: LabOptions, word: string) {
  const script = `import { upLab } from ${JSON.stringify(join(import.meta.dirname, '../beds/lab/lab.ts'))}
    await upLab(${JSON.stringify({ ...options, dir })}, (text) => console.log(text))
    console.log('UP')
    setInterval(() => undefined, 1000)`
  const owner = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let printed = ''
  for await (const chunk of owner.stdout.iterator({ destroyOnReturn: false })) {
    printed += chunk
    if (printed.includes(word)) return owner
  }
  throw new Error(`the owner ended: ${printed}`)
}

async function ssh(lab: Lab, command: string): Promise<RunResult> {
  const home = `${dir}.home`
  writeSshHome(lab, home)
  return await run('ssh', ['-F', join(home, '.ssh/config'), '-o', 'BatchMode=yes', 'lab-a', command])
}

/**
 * What this lab could leave on the machine: mounts, control groups, links, files, its KSM setting, guests.
 * Names that other labs on the machine have are left out, so that they may run meanwhile.
 */
async function readTraces(): Promise<Record<string, string>> {
  const shell = async (command: string) => (await run('sh', ['-c', command, 'sh', dir])).stdout
  return {
    mounts: await shell('grep -F "$1" /proc/mounts'),
    cgroups: await shell('find /sys/fs/cgroup -type d -name "*$(printf %s "$1" | sha256sum | cut -c 1-8)*"'),
    libvirtCgroups: await shell('find /sys/fs/cgroup -type d -name "*machine*" -o -type d -name "*libvirt*"'),
    links: await shell('ls /sys/class/net'),
    files: await shell('ls -d "$1" /run/libvirt /run/sshd* /run/singleton* /var/lib/singleton* 2>/dev/null'),
    ksmSleep: readFileSync(KSM_SLEEP, 'utf8'),
    // The pattern comes by its input, or this grep would find itself.
    processes: (await run('sh', ['-c', 'grep -aFlsf - /proc/[0-9]*/cmdline'], { input: dir })).stdout,
  }
}
