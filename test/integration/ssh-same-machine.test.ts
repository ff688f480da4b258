// Saved hosts that are one kernel, told by the real helper over real sshd.
import { readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ensureHelper } from '../../scripts/built-parts.mjs'
import type { Workbench } from '../../src/main/workbench.ts'
import { firstOnSameMachine } from '../../src/shared/figures/one-machine.ts'
import { never, rootAt } from '../beds/sshd/connect.ts'
import { placeRealHelper } from '../beds/sshd/placed-helper.ts'
import { makeSshHome, type SshHome } from '../beds/sshd/ssh-home.ts'
import { type Sshd, startSshd } from '../beds/sshd/start-sshd.ts'
import { openWorkbench } from '../open-workbench.ts'

const quiet = { signal: never, reportProgress: () => undefined }
const otherBoot = '11111111-2222-4333-8444-555555555555'
let home: SshHome
let workbench: Workbench
const sshds: Sshd[] = []

beforeAll(async () => {
  await ensureHelper(join(import.meta.dirname, '../..'), process.execPath, process.env)
  home = makeSshHome()
  const elsewhere = [
    `echo ${otherBoot} >$folder/boot_id`,
    'mount --bind $folder/boot_id /proc/sys/kernel/random/boot_id',
  ]
  const helper = placeRealHelper(home.path)
  for (const own of [[], [], elsewhere]) {
    const sshd = await startSshd({ authorizedKeys: [home.publicKey], prepare: [...helper, ...own] })
    sshds.push(sshd)
    home.trust(sshd)
  }
  workbench = await openWorkbench(home.path, { stay: 'settings' })
})
afterAll(async () => {
  await workbench?.close()
  await Promise.all(sshds.map((sshd) => sshd.stop()))
  home?.remove()
})

it('are told apart by the boot id, and by their processes', async () => {
  const [one, container, elsewhere] = sshds.map(rootAt)
  home.write('config', `Host again\n HostName 127.0.0.1\n Port ${sshds[0]?.port}\n User root\n`)
  const { fleet } = workbench
  for (const address of ['local', one, 'again', container, elsewhere]) {
    const { id } = await fleet.addHost({ address: address ?? '' })
    await fleet.connect(id, quiet)
  }
  const views = fleet.list()
  const machines = views.map(({ machine }) => machine)
  const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  expect(machines.map((machine) => machine?.bootId)).toEqual([bootId, bootId, bootId, bootId, otherBoot])
  expect(machines[0]?.pidNamespace).toBe(readlinkSync('/proc/self/ns/pid'))
  expect(machines[2]).toEqual(machines[1])
  expect(new Set(machines.map((machine) => machine?.pidNamespace)).size).toBe(4)
  const first = views.map((view) => firstOnSameMachine(views, view)?.host.name)
  expect(first).toEqual([undefined, 'local', 'local', 'local', undefined])
})
