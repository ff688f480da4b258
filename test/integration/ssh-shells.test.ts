// Every login shell that people have: what is sent over ssh means the same to each.
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { never, openLink, openShell } from '../beds/sshd/connect.ts'
import { layOverPackages, type PackageOverlay } from '../beds/sshd/package-overlay.ts'
import { makeSshHome, type SshHome } from '../beds/sshd/ssh-home.ts'
import { buildStandIn, type StandIn } from '../beds/sshd/stand-in-helper.ts'
import { type Sshd, startSshd } from '../beds/sshd/start-sshd.ts'

const fetched: PackageOverlay | undefined = layOverPackages([
  'tcsh',
  'csh',
  'fish',
  'fish-common',
  'libpcre2-32-0',
  'zsh',
  'zsh-common',
  'mksh',
])
const ofPackages = [
  { name: 'tcsh', shell: '/bin/tcsh' },
  { name: 'csh', shell: '/bin/bsd-csh' },
  { name: 'fish', shell: '/usr/bin/fish' },
  { name: 'zsh', shell: '/bin/zsh' },
  { name: 'mksh', shell: '/bin/mksh' },
]
const ofMachine = [
  { name: 'dash', shell: '/bin/dash' },
  { name: 'bash', shell: '/bin/bash' },
  { name: 'ash', shell: '/run/ash' },
]
const shells = [...ofMachine, ...(fetched === undefined ? [] : ofPackages)]
let home: SshHome
let standIn: StandIn
let sshd: Sshd

beforeAll(async () => {
  home = makeSshHome()
  standIn = buildStandIn('honest')
  sshd = await startSshd({
    authorizedKeys: [home.publicKey],
    users: shells,
    // busybox is ash when it is called so; its hush and the rest are not login shells.
    prepare: [...(fetched?.prepare ?? []), 'if [ -x /bin/busybox ]; then cp /bin/busybox /run/ash; fi'],
  })
  home.trust(sshd)
})
afterAll(async () => {
  await sshd?.stop()
  home?.remove()
  standIn?.remove()
  fetched?.remove()
})

if (fetched === undefined) {
  it('csh, tcsh, fish, zsh, mksh', (context) => context.skip('their packages cannot be fetched'))
}

describe.each(shells)('$name as login shell', ({ name, shell }) => {
  const address = () => `${name}@127.0.0.1:${sshd.port}`

  it('hands scripts to /bin/sh as they are', async (context) => {
    if (shell === '/run/ash' && !existsSync('/bin/busybox')) context.skip('busybox is not installed')
    const { shell: connection } = await openShell(address(), { home })
    try {
      const text = String.raw`it's "a" !b !! \\ \ \n $HOME $(x) ${'`x`'} {a,b} ~ * [a-z] # % ^ ;& | é`
      const script = `if ! false; then printf '%s\\n' "$0" '${text.replaceAll("'", "'\\''")}' "\${SHELL##*/}"; fi`
      const running = await connection.start(script, never)
      let output = ''
      running.stdout.on('data', (chunk) => {
        output += chunk
      })
      running.stdin.end()
      expect(await running.exited).toEqual({ code: 0 })
      expect(output).toBe(`/bin/sh\n${text}\n${shell.split('/').at(-1)}\n`)
    } finally {
      await connection.close()
    }
  })

  it('lets the helper be deployed, started and spoken to', async (context) => {
    if (shell === '/run/ash' && !existsSync('/bin/busybox')) context.skip('busybox is not installed')
    const { hello, steps, close } = await openLink({
      address: address(),
      home,
      helperDirectory: standIn.directory,
    })
    expect(hello.uid).toBe(20_000 + shells.findIndex((one) => one.name === name))
    expect(steps.join('\n')).toContain('uploading')
    await close()
    const base = join(sshd.folder, 'home', name, '.cache/singleton-workbench')
    expect(readdirSync(base)).toEqual([standIn.digest])
  })
})
