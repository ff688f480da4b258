// The server package in a booted Debian with systemd: installed, started as its unit, looked at from inside and outside of
// its confinement, killed, stopped and purged.
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { downLab } from '../beds/lab/lab.ts'
import { copyIntoGuest, type GuestLogin, runInGuest, runInGuestOk } from '../beds/lab/real-guest.ts'
import { runOk } from '../beds/lab/run.ts'
import { upSystemdGuest, whyNoSystemdGuest } from '../beds/lab/systemd-guest.ts'

/** Node starts in half a minute of an emulated processor, of which a busy machine gives a third. */
const longMs = 300_000
const root = join(import.meta.dirname, '../..')
const LAB = join(tmpdir(), 'singleton-server-systemd-lab')
const name = 'singleton-workbench-server'
const user = 'singleton-workbench'
const unit = 'singleton-workbench.service'
const state = '/var/lib/singleton-workbench'
/** Of the unit's ExecStart. */
const port = 8417
const ownNode = '/usr/lib/singleton-workbench/bin/node'

const cannotRun = whyNoSystemdGuest('five')
if (cannotRun !== undefined) it('the server under systemd', (context) => context.skip(cannotRun))

describe.runIf(cannotRun === undefined)('the server under systemd', () => {
  let login: GuestLogin

  const inGuest = (command: string) => runInGuestOk(login, command, longMs)
  /** What it prints, also where it exits with another code than 0, as systemctl does for states. */
  const say = async (command: string) => (await runInGuest(login, command, longMs)).stdout.trim()
  const show = (property: string) => say(`systemctl show ${unit} -P ${property}`)
  const isActive = () => say(`systemctl is-active ${unit}`)
  /** Status of the answer to a request in the guest, by the package's own Node: the guest has no other client. */
  const fetchStatus = (url: string) =>
    say(`${ownNode} -e "fetch('${url}').then((answer) => console.log(answer.status))"`)
  const isListening = () => fetchStatus(`http://127.0.0.1:${port}/`)
  const untilServing = () => expect.poll(isListening, { timeout: longMs, interval: 3000 }).toBe('200')
  const mainPid = async () => Number(await show('MainPID'))

  beforeAll(async () => {
    const built = await runOk(process.execPath, [join(root, 'scripts/package.ts')], { timeoutMs: longMs })
    const path = built.trim().split('\n').at(-1) ?? ''
    login = await upSystemdGuest(LAB, { ramMiB: 1024 })
    await copyIntoGuest(login, [path, '/root/package.deb'])
  }, 3 * longMs)
  afterAll(async () => {
    await downLab(LAB)
  })

  it(
    'is installed without being started or enabled',
    async () => {
      await inGuest('dpkg --install /root/package.deb')
      expect(await show('LoadState')).toBe('loaded')
      expect(await say(`systemctl is-enabled ${unit}`)).toBe('disabled')
      expect(await isActive()).toBe('inactive')
    },
    longMs,
  )

  it(
    'is active once it is started, and answers on 127.0.0.1 only',
    async () => {
      await inGuest(`systemctl start ${unit}`)
      await untilServing()
      expect(await isActive()).toBe('active')
      // It did not take several starts.
      expect(await show('NRestarts')).toBe('0')
      expect(await listListening(inGuest)).toEqual([`0100007F:${hexPort()}`])
      // As the unit's file says, for whoever wants a page.
      const link = await inGuest(
        `setpriv --reuid ${user} --regid ${user} --clear-groups env HOME=${state} singleton-workbench serve --print-link`,
      )
      expect(link).toMatch(new RegExp(`^http://127\\.0\\.0\\.1:${port}/#link=`))
      expect(await fetchStatus(link.trim())).toBe('200')
      // Neither systemd nor the workbench says that anything was refused to it.
      expect(await say(`journalctl -u ${unit} -o cat --no-pager -p 4`)).toBe('')
      const said = await say(`journalctl -u ${unit} -o cat --no-pager`)
      expect(said).toMatch(/^Singleton Workbench: http:/m)
      expect(said).not.toMatch(/cannot|EACCES|EPERM|EROFS/)
    },
    2 * longMs,
  )

  it(
    'runs as its own user, without a capability, and writes in its own folder only',
    async () => {
      const pid = await mainPid()
      const status = await inGuest(`cat /proc/${pid}/status`)
      const uid = (await inGuest(`id -u ${user}`)).trim()
      expect(Number(uid)).toBeGreaterThan(0)
      expect(status).toMatch(new RegExp(`^Uid:\\s+${uid}\\s+${uid}\\s+${uid}\\s+${uid}$`, 'm'))
      expect(status).toMatch(/^CapBnd:\s+0+$/m)
      expect(status).toMatch(/^CapEff:\s+0+$/m)
      expect(status).toMatch(/^NoNewPrivs:\s+1$/m)
      expect(await inGuest(`stat -c '%U %a' ${state}`)).toBe(`${user} 700\n`)
      expect(await inGuest(`find ${state} -type f -user ${user} | head -n 1`)).not.toBe('')
      // Root itself, in the unit's view of the file systems.
      const asTheUnit = (command: string) =>
        runInGuest(login, `LC_ALL=C nsenter --target ${pid} --mount -- sh -c '${command}'`, longMs)
      for (const path of ['/etc/probe', '/usr/probe', '/var/probe', '/proc/sys/vm/swappiness']) {
        const { stderr } = await asTheUnit(`echo >${path}`)
        expect(stderr, path).toContain('Read-only file system')
      }
      // Where the package was copied to.
      expect((await asTheUnit('ls -A /root')).stdout).toBe('')
      expect(await asTheUnit(`touch ${state}/probe && rm ${state}/probe`)).toMatchObject({ code: 0 })
    },
    longMs,
  )

  it(
    'is judged by systemd-analyze',
    async () => {
      const judged = await say(`systemd-analyze security --no-pager ${unit}`)
      console.info(judged)
      const score = Number(/Overall exposure level for \S+: ([\d.]+)/.exec(judged)?.[1])
      expect(score).toBeLessThanOrEqual(3.5)
    },
    longMs,
  )

  it(
    'comes back after kill -9, and ends without a failure when it is stopped',
    async () => {
      const killed = await mainPid()
      await inGuest(`kill -9 ${killed}`)
      await expect.poll(() => show('NRestarts'), { timeout: longMs, interval: 1000 }).toBe('1')
      await untilServing()
      expect(await mainPid()).not.toBe(killed)
      await inGuest(`systemctl stop ${unit}`)
      expect(await isActive()).toBe('inactive')
      expect(await show('Result')).toBe('success')
      expect(await listListening(inGuest)).toEqual([])
    },
    2 * longMs,
  )

  it(
    'leaves nothing behind when it is purged while it runs',
    async () => {
      await inGuest(`systemctl enable --now --quiet ${unit}`)
      await untilServing()
      const pid = await mainPid()
      await inGuest(`dpkg --purge ${name}`)
      expect(await show('LoadState')).toBe('not-found')
      expect(await say(`test -e /proc/${pid} && echo left`)).toBe('')
      expect(await listListening(inGuest)).toEqual([])
      // What systemd itself notes of units that it ran goes with the boot.
      const find = 'find /etc /home /opt /run /srv /tmp /usr /var -xdev -path /run/systemd -prune'
      expect(await say(`${find} -o -iname '*singleton*' -print`)).toBe('')
      expect(await say(`dpkg --get-selections ${name}`)).toBe('')
      for (const base of ['passwd', 'group'])
        expect(await runInGuest(login, `getent ${base} ${user}`)).toMatchObject({ code: 2 })
      expect(await say('systemctl list-units --failed --no-legend')).toBe('')
    },
    2 * longMs,
  )
})

function hexPort(): string {
  return port.toString(16).toUpperCase().padStart(4, '0')
}

/** Local addresses at which something listens on the unit's port, as the kernel writes them, of IPv4 and IPv6. */
async function listListening(inGuest: (command: string) => Promise<string>): Promise<string[]> {
  const sockets = await inGuest('cat /proc/net/tcp*')
  const fields = sockets.split('\n').map((line) => line.trim().split(/\s+/))
  const listening = fields.filter(([, local = '', , now]) => local.endsWith(`:${hexPort()}`) && now === '0A')
  return listening.map(([, local = '']) => local)
}
