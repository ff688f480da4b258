// A hundred hosts at once over real sshd; what main does meanwhile, with the figures of its event loop printed.
import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ensureHelper } from '../../scripts/built-parts.mjs'
import { openLink, rootAt } from '../beds/sshd/connect.ts'
import type { FleetFigures } from '../beds/sshd/fleet-main.ts'
import type { LightHelper } from '../beds/sshd/light-helper.ts'
import { helperResources, placeLightHelper, placeRealHelper } from '../beds/sshd/placed-helper.ts'
import { makeSshHome, type SshHome } from '../beds/sshd/ssh-home.ts'
import { type Sshd, startSshd } from '../beds/sshd/start-sshd.ts'

const root = join(import.meta.dirname, '../..')
const HOSTS = 100
// One listens on 16 addresses at most.
const SSHDS = 10
const STEADY_SECONDS = 8
/** All but the first. */
const hostsCores = availableParallelism() > 1 ? `1-${availableParallelism() - 1}` : '0'
let home: SshHome
const sshds: Sshd[] = []

beforeAll(async () => {
  await ensureHelper(root, process.execPath, process.env)
  home = makeSshHome()
  // The hosts of the first one run the real helper. A hundred of those would leave main, which is measured, no core.
  await start(0, placeRealHelper(home.path))
  const light = placeLightHelper(home.path, await askRealHelper())
  await Promise.all(Array.from({ length: SSHDS - 1 }, (_, index) => start(index + 1, light)))
  home.write(
    'config',
    `${sshds.flatMap((_, number) => addresses(number).map(aliasOf)).join('')}Host *\n  IdentitiesOnly yes\n  IdentityFile ${home.file('id_ed25519')}\n`,
  )
})
afterAll(async () => {
  await Promise.all(sshds.map((sshd) => sshd.stop()))
  home?.remove()
})

it('connects a hundred hosts, a few at a time, and samples them all, without waiting for a disk', async () => {
  const figures = await watchFleet()
  console.log(`main with ${HOSTS} hosts: ${JSON.stringify(figures, null, 1)}`)
  expect(figures.connected).toBe(HOSTS)
  expect(figures.peakConnecting).toBeGreaterThan(1)
  expect(figures.peakConnecting).toBeLessThanOrEqual(8)
  expect(figures.samplesOfEach.least).toBeGreaterThan(0)
  // One every two seconds, and none beyond that.
  expect(figures.samplesOfEach.most).toBeLessThanOrEqual(figures.steady.seconds / 2 + 1)
  expect(figures.syncCalls).toEqual([])
}, 480_000)

async function start(number: number, prepare: readonly string[]): Promise<void> {
  const own = addresses(number)
  const sshd = await startSshd({
    authorizedKeys: [home.publicKey],
    config: own.map((address) => `ListenAddress ${address}:2200`),
    // Hosts are other machines: main, which is measured, has a core that they have not.
    prepare: [`taskset -p -c ${hostsCores} $$ >/dev/null`, 'renice -n 10 -p $$ >/dev/null', ...prepare],
  })
  sshds.push(sshd)
  home.trust(sshd)
  for (const address of own) home.trust(sshd, `[${address}]:2200`)
}

/** Loopback has them all without being asked. */
function addresses(sshd: number): string[] {
  return Array.from({ length: HOSTS / SSHDS }, (_, index) => `127.77.${sshd}.${index + 1}`)
}

function aliasOf(address: string): string {
  return `Host host-${address.replaceAll('.', '-')}\n  HostName ${address}\n  Port 2200\n  User root\n`
}

/** What it says of this machine, as if that had twenty guests. */
async function askRealHelper(): Promise<LightHelper> {
  const [sshd] = sshds
  if (!sshd) throw new Error('no sshd runs')
  const { hello, call, close } = await openLink({
    address: rootAt(sshd),
    home,
    helperDirectory: helperResources,
  })
  const sample = await call('sample', {})
  await close()
  const guests = Array.from({ length: 20 }, (_, index) => ({
    pid: 1000 + index,
    name: `guest ${index}`,
    rssBytes: 2 ** 30,
    rcharBytes: 2 ** 30 * index,
    readBytes: 2 ** 20 * index,
    cpuSeconds: index,
  }))
  const images = guests.map(({ name }) => ({ path: `/var/lib/images/${name}.qcow2`, residentBytes: 2 ** 30 }))
  return { hello, sample: { ...sample, guests, images } }
}

function watchFleet(): Promise<FleetFigures> {
  const script = join(root, 'test/beds/sshd/fleet-main.ts')
  const child = spawn(process.execPath, [script, home.path, String(STEADY_SECONDS)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, SSH_AUTH_SOCK: '' },
  })
  let output = ''
  child.stdout.on('data', (chunk) => {
    output += chunk
  })
  return new Promise((resolve, reject) => {
    child.once('close', (code) => {
      if (code === 0) resolve(JSON.parse(output) as FleetFigures)
      else reject(new Error(`cannot watch the fleet: exit ${code}`))
    })
  })
}
