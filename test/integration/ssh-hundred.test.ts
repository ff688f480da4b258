// A hundred hosts at once, each with a real helper over a real sshd; the figures of main's event loop are printed.
import { spawn } from 'node:child_process'
import { chmodSync, copyFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ensureHelper } from '../../scripts/built-parts.mjs'
import type { FleetFigures } from '../sshd/fleet-main.ts'
import { makeSshHome, type SshHome } from '../sshd/ssh-home.ts'
import { type Sshd, startSshd } from '../sshd/start-sshd.ts'

const root = join(import.meta.dirname, '../..')
const HOSTS = 100
// One listens on 16 addresses at most.
const SSHDS = 10
const STEADY_SECONDS = 20
let home: SshHome
const sshds: Sshd[] = []

beforeAll(async () => {
  await ensureHelper(root, process.execPath, process.env)
  home = makeSshHome()
  const prepare = placeHelper()
  const aliases: string[] = []
  for (let number = 0; number < SSHDS; number += 1) {
    const sshd = await startSshd({
      authorizedKeys: [home.publicKey],
      config: addresses(number).map((address) => `ListenAddress ${address}:2200`),
      prepare,
    })
    sshds.push(sshd)
    for (const address of addresses(number)) {
      aliases.push(
        `Host host-${address.replaceAll('.', '-')}\n  HostName ${address}\n  Port 2200\n  User root\n`,
      )
      home.trust(sshd, `[${address}]:2200`)
    }
  }
  home.write(
    'config',
    `${aliases.join('')}Host *\n  IdentitiesOnly yes\n  IdentityFile ${home.file('id_ed25519')}\n`,
  )
})
afterAll(async () => {
  for (const sshd of sshds) await sshd.stop()
  home?.remove()
})

it('connects a hundred hosts, a few at a time, and samples them all', async () => {
  const figures = await watchFleet()
  console.log(`main with ${HOSTS} hosts: ${JSON.stringify(figures, null, 1)}`)
  expect(figures.connected).toBe(HOSTS)
  expect(figures.peakConnecting).toBeGreaterThan(1)
  expect(figures.peakConnecting).toBeLessThanOrEqual(8)
  expect(figures.samplesOfEach.least).toBeGreaterThan(0)
  // One every two seconds, and none beyond that.
  expect(figures.samplesOfEach.most).toBeLessThanOrEqual(STEADY_SECONDS / 2 + 1)
}, 360_000)

/** Loopback has them all without being asked. */
function addresses(sshd: number): string[] {
  return Array.from({ length: HOSTS / SSHDS }, (_, index) => `127.77.${sshd}.${index + 1}`)
}

/** As an earlier deployment left it: what is measured here is not the upload. One file for all. */
function placeHelper(): string[] {
  const { buildDigest } = JSON.parse(readFileSync(join(root, 'resources/helper/manifest.json'), 'utf8'))
  const helper = join(home.path, 'singleton-helper')
  copyFileSync(join(root, 'resources/helper/singleton-helper-linux-x64'), helper)
  chmodSync(helper, 0o700)
  const folder = `/root/.cache/singleton-workbench/${buildDigest}`
  const placed = `${folder}/singleton-helper`
  return [`mkdir -p -m 700 ${folder}`, `: >${placed}`, `mount --bind ${helper} ${placed}`]
}

function watchFleet(): Promise<FleetFigures> {
  const script = join(root, 'test/sshd/fleet-main.ts')
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
