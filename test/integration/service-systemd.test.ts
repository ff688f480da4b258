// The service in a booted Debian with systemd: installed by hand and over SSH, upgraded, killed, rebooted, rolled back
// and removed, with a process inside that stands in for a guest.
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compile } from '../../helper/compile.mjs'
import { HOST_TARGET } from '../../helper/targets.mjs'
import { policyStatus, serviceStatus } from '../../src/shared/contract/index.ts'
import { buildHelper } from '../beds/engine/helper-binary.ts'
import { downLab } from '../beds/lab/lab.ts'
import {
  copyIntoGuest,
  type GuestLogin,
  runInGuest,
  runInGuestOk,
  waitForLogin,
} from '../beds/lab/real-guest.ts'
import { runOk } from '../beds/lab/run.ts'
import { buildStandInGuest } from '../beds/lab/stand-in-guest.ts'
import { upSystemdGuest, whyNoSystemdGuest } from '../beds/lab/systemd-guest.ts'
import { runCli } from '../run-cli.ts'

/**
 * A helper measures for half a minute of an emulated processor, of which a busy machine gives a third: each wait is as long as
 * it may need to be there.
 */
const longMs = 600_000
const root = join(import.meta.dirname, '../..')
const LAB = join(tmpdir(), 'singleton-systemd-lab')
const cannotRun = whyNoSystemdGuest('ten')
if (cannotRun !== undefined) it('the service under systemd', (context) => context.skip(cannotRun))

/** A whole core may go to ksmd: under emulation the default of a fifth takes minutes. */
const policy = {
  scrub: { mode: 'adaptive' },
  ksm: { mode: 'govern', startPotentialBytes: 2 ** 20, cpuRatio: 1 },
}
const unit = 'singleton-helper.service'
/** Another build, as an earlier release would be. */
const earlier = { version: '0.0.9', buildDigest: '0123456789abcdef'.repeat(4) }

describe.runIf(cannotRun === undefined)('the service under systemd', () => {
  let folder = ''
  let login: GuestLogin
  let address = ''
  let ksmFound = ''

  const inGuest = (command: string) => runInGuestOk(login, command)
  const readKsm = () =>
    inGuest('cd /sys/kernel/mm/ksm && grep . run pages_to_scan sleep_millisecs advisor_mode')
  const cli = async (...args: string[]) => {
    const { code, stdout, stderr } = await runCli(folder, [...args, address, '--json'])
    if (code !== 0) throw new Error(`cannot run ${args.join(' ')}: exit ${code}: ${stdout}${stderr}`)
    return JSON.parse(stdout)[0]
  }
  const service = async (...args: string[]) => serviceStatus.parse(await cli('service', ...args))
  const policyNow = async () => policyStatus.parse(await cli('policy', 'status'))
  const mainPid = async () => Number(await inGuest(`systemctl show ${unit} -P MainPID`))
  /** Exit code 3 where it is not, yet. */
  const isActive = async () => (await runInGuest(login, `systemctl is-active ${unit}`)).stdout
  const untilMerged = () =>
    expect
      .poll(async () => Number(await inGuest('cat /sys/kernel/mm/ksm/pages_sharing')), {
        timeout: longMs,
        interval: 3000,
      })
      .toBeGreaterThan(5000)

  beforeAll(async () => {
    const helper = buildHelper()
    folder = mkdtempSync(join(tmpdir(), 'singleton-systemd-'))
    const old = join(folder, 'earlier-helper')
    await compile(root, HOST_TARGET, old, { ...earlier, bun: '1.4.5' })
    const standIn = await buildStandInGuest(folder)
    // The helper's runtime needs a processor of this century.
    login = await upSystemdGuest(LAB, { ramMiB: 1536, cpu: 'max' })
    address = `root@127.0.0.1:${login.port}`
    writePerson(folder, login)
    const keys = await runOk('ssh-keyscan', ['-p', String(login.port), '127.0.0.1'])
    writeFileSync(join(folder, '.ssh/known_hosts'), keys)
    writeFileSync(join(folder, 'policy.json'), JSON.stringify(policy))
    await copyIntoGuest(
      login,
      [old, '/root/earlier-helper'],
      [standIn, '/usr/local/bin/qemu-system-stand-in'],
    )
    await copyIntoGuest(login, [join(folder, 'policy.json'), '/root/policy.json'])
    await inGuest(guestUnits())
    ksmFound = await readKsm()
    expect(helper).toContain('singleton-helper')
  }, 2 * longMs)
  afterAll(async () => {
    await downLab(LAB)
    rmSync(folder, { recursive: true, force: true })
  })

  it(
    'is installed by hand, and runs',
    async () => {
      const before = await service('status')
      expect(before).toMatchObject({ state: 'absent', hasPolicy: false })
      await inGuest('/root/earlier-helper service install --policy /root/policy.json')
      const status = await service('status')
      expect(status).toMatchObject({ state: 'running', enabled: true, hasPolicy: true, isThisBuild: false })
      expect(status.program).toMatchObject(earlier)
      expect((await policyNow()).run).toMatchObject({ mode: 'service', policy })
      await untilMerged()
      expect(await isActive()).toBe('active\n')
      // Everything that is said has its level; nothing was refused by the sandbox.
      const said = await inGuest(`journalctl -u ${unit} -o cat --no-pager -p 4`)
      expect(said).toBe('')
    },
    2 * longMs,
  )

  it(
    'is judged by systemd-analyze',
    async () => {
      const judged = await inGuest(`systemd-analyze security --no-pager ${unit} || true`)
      console.info(judged)
      const score = Number(/Overall exposure level for \S+: ([\d.]+)/.exec(judged)?.[1])
      expect(score).toBeLessThan(3)
    },
    longMs,
  )

  it(
    'keeps what is merged over an upgrade by SSH, and over the way back',
    async () => {
      const merged = Number(await inGuest('cat /sys/kernel/mm/ksm/pages_sharing'))
      const journal = await inGuest('cat /var/lib/singleton-helper/ksm-journal.json')
      const upgraded = await service('upgrade', '--yes')
      expect(upgraded).toMatchObject({ state: 'running', isThisBuild: true, previous: earlier })
      expect(Number(await inGuest('cat /sys/kernel/mm/ksm/pages_sharing'))).toBeGreaterThan(0.9 * merged)
      expect(await inGuest('cat /var/lib/singleton-helper/ksm-journal.json')).toBe(journal)
      const back = await service('rollback', '--yes')
      expect(back).toMatchObject({ state: 'running', isThisBuild: false, program: earlier })
      expect((await service('upgrade', '--yes')).isThisBuild).toBe(true)
    },
    2 * longMs,
  )

  it(
    'starts again after kill -9, and after a reboot',
    async () => {
      const pid = await mainPid()
      await inGuest(`kill -9 ${pid}`)
      await expect.poll(isActive, { timeout: longMs, interval: 2000 }).toBe('active\n')
      const audit = await inGuest('cat /var/lib/singleton-helper/audit.jsonl')
      expect(audit).toContain('"action":"govern restore"')
      const booted = await inGuest('cat /proc/sys/kernel/random/boot_id')
      await runInGuest(login, 'systemctl reboot')
      await waitForBoot(login, booted)
      await expect.poll(isActive, { timeout: longMs, interval: 3000 }).toBe('active\n')
      expect((await policyNow()).run?.mode).toBe('service')
    },
    2 * longMs,
  )

  it(
    'is stopped and started by the workbench, and its file with it',
    async () => {
      await cli('policy', 'stop')
      expect(await readKsm()).toBe(ksmFound)
      expect((await service('status')).hasPolicy).toBe(false)
      const started = policyStatus.parse(
        await cli('policy', 'start', '--policy', join(folder, 'policy.json'), '--yes'),
      )
      expect(started.run).toMatchObject({
        mode: 'service',
        who: 'root',
        from: expect.stringMatching(/^10\.0\.2\./),
      })
    },
    2 * longMs,
  )

  it(
    'leaves nothing but the audit when it is removed',
    async () => {
      await untilMerged()
      const removed = await service('remove', '--yes')
      expect(removed).toMatchObject({ state: 'absent', hasPolicy: false })
      expect(await readKsm()).toBe(ksmFound)
      const left = await inGuest(
        'ls -d /etc/singleton-helper /etc/systemd/system/*singleton* /etc/systemd/system/*/*singleton* /usr/local/lib*/singleton-helper /run/singleton-helper/* /var/lib/singleton-helper/* 2>/dev/null || true',
      )
      expect(left.trim().split('\n')).toEqual(['/var/lib/singleton-helper/audit.jsonl'])
      const shown = await inGuest(
        `systemctl show ${unit} -P LoadState; systemctl list-units --failed --no-legend`,
      )
      expect(shown).toBe('not-found\n')
      expect(await runInGuest(login, 'pgrep -fl "service run"')).toMatchObject({ code: 1 })
    },
    2 * longMs,
  )
})

/** Two stand-ins that hold the same, at every boot. */
function guestUnits(): string {
  const text =
    '[Service]\\nExecStart=/usr/local/bin/qemu-system-stand-in -name guest=%i -m 48 -seed 7 -zeros 10 -common 40 -merge on\\n[Install]\\nWantedBy=multi-user.target\\n'
  return `printf '${text.replace('%i', '%%i')}' >/etc/systemd/system/stand-in@.service && systemctl daemon-reload && systemctl enable -q --now stand-in@a stand-in@b`
}

function writePerson(home: string, { identityFile }: GuestLogin): void {
  mkdirSync(join(home, '.ssh'), { mode: 0o700 })
  copyFileSync(identityFile, join(home, '.ssh/id_ed25519'))
  copyFileSync(`${identityFile}.pub`, join(home, '.ssh/id_ed25519.pub'))
}

async function inGuestOr(login: GuestLogin, command: string): Promise<string> {
  return (await runInGuest(login, command, 20_000)).stdout
}

/** Another boot than `seen`, which may still answer for a while. */
async function waitForBoot(login: GuestLogin, seen: string): Promise<void> {
  await expect
    .poll(async () => (await inGuestOr(login, 'cat /proc/sys/kernel/random/boot_id')) || seen, {
      timeout: longMs,
      interval: 3000,
    })
    .not.toBe(seen)
  await waitForLogin('the rebooted guest', login)
}
