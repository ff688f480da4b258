// Hosts on which this build of the helper cannot run or cannot be written, each told by its cause and way out.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { runOnOldKernel } from '../beds/lab/old-kernel.ts'
import { openLink, rootAt } from '../beds/sshd/connect.ts'
import { privateVarTmp } from '../beds/sshd/private-tmp.ts'
import { makeSshHome, type SshHome } from '../beds/sshd/ssh-home.ts'
import { type Behaviour, buildStandIn, type StandIn } from '../beds/sshd/stand-in-helper.ts'
import { type Sshd, startSshd } from '../beds/sshd/start-sshd.ts'

const resources = join(import.meta.dirname, '../../resources/helper')
let home: SshHome
let standIn: StandIn | undefined
let sshd: Sshd | undefined

beforeAll(() => {
  home = makeSshHome()
})
afterEach(async () => {
  standIn?.remove()
  await sshd?.stop()
})
afterAll(() => home?.remove())

/** Opens a link to a host prepared in one way. */
async function openOn(
  prepare: readonly string[],
  { behaviour = 'honest' as Behaviour, targets = [] as string[] } = {},
) {
  standIn = buildStandIn(behaviour)
  if (targets.length > 0) keepTargets(standIn, targets)
  sshd = await startSshd({ authorizedKeys: [home.publicKey], prepare })
  home.trust(sshd)
  const link = await openLink({ address: rootAt(sshd), home, helperDirectory: standIn.directory })
  await link.close()
  return link.hello
}

function keepTargets({ directory }: StandIn, targets: readonly string[]): void {
  const path = join(directory, 'manifest.json')
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as { helpers: { target: string }[] }
  const helpers = manifest.helpers.filter(({ target }) => targets.includes(target))
  writeFileSync(path, JSON.stringify({ ...manifest, helpers }))
}

const withoutAvx2 = [
  'sed "s/ avx2//g" /proc/cpuinfo >$folder/cpuinfo && mount --bind $folder/cpuinfo /proc/cpuinfo',
]
/** Puts a script in place of a program. */
const instead = (program: string, script: string) => [
  `printf '%s\\n' '#!/bin/sh' '${script}' >$folder/instead && chmod 755 $folder/instead`,
  `mount --bind $folder/instead ${program}`,
]

describe('a processor without AVX2', () => {
  it('gets the baseline helper', async () => {
    expect(await openOn(withoutAvx2, { targets: ['linux-x64-baseline'] })).toMatchObject({ uid: 0 })
  })

  it('is told apart where that one is not built', async () => {
    await expect(openOn(withoutAvx2, { targets: ['linux-x64'] })).rejects.toMatchObject({
      code: 'not-supported',
      message: expect.stringMatching(/x86_64 without AVX2 .*singleton-helper-linux-x64-baseline/),
      remedy: expect.stringContaining('--all'),
    })
  })

  it('is told apart where the host says otherwise, by the signal that ends the helper', async () => {
    await expect(openOn([], { behaviour: 'illegal-instruction' })).rejects.toMatchObject({
      code: 'not-supported',
      message: expect.stringMatching(/lacks instructions.*SIGILL/),
      remedy: expect.stringContaining('AVX2'),
    })
  })
})

describe('another architecture', () => {
  it.each([
    ['aarch64', /needs singleton-helper-linux-arm64, and that is not built/],
    ['riscv64', /its processor is riscv64; there are helpers for x86_64 and aarch64/],
  ])('%s is named', async (machine, message) => {
    await expect(openOn(instead('/usr/bin/uname', `echo ${machine}`))).rejects.toMatchObject({
      code: 'not-supported',
      message: expect.stringMatching(message),
    })
  })
})

describe('a quota', () => {
  it('is told when every place is over it', async () => {
    // As gzip says it when write() fails with EDQUOT; no file system here has quotas to exceed.
    const full = instead(
      '/usr/bin/gzip',
      'cat >/dev/null; echo "gzip: stdout: Disk quota exceeded" >&2; exit 1',
    )
    await expect(openOn([...privateVarTmp, ...full])).rejects.toMatchObject({
      code: 'out-of-space',
      message: expect.stringContaining('Disk quota exceeded'),
    })
  })
})

describe('the real helper on an emulated processor without AVX2', { timeout: 400_000 }, () => {
  const runWith = (file: string) =>
    runOnOldKernel({
      cpu: 'qemu64',
      files: { '/helper': join(resources, file) },
      script: '/helper --version; echo "exit $?"',
    })

  it('ends with 132, which is what the Problem is made of', async (context) => {
    const file = 'singleton-helper-linux-x64'
    if (!existsSync(join(resources, file))) context.skip('it is not built: npm run build:helper')
    expect((await runWith(file)).output).toContain('exit 132')
  })

  it('runs as the baseline helper', async (context) => {
    const file = 'singleton-helper-linux-x64-baseline'
    if (!existsSync(join(resources, file))) context.skip('it is not built: npm run build:helper -- --all')
    expect((await runWith(file)).output).toMatch(/singleton-helper \d+\.\d+\.\d+ \(build [0-9a-f]+\)\nexit 0/)
  })
})
