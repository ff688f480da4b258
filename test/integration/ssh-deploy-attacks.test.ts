// Another user of the host against the deployment of the helper: folders and links put in its way, a program exchanged
// between two starts, and the login's own file exchanged while root starts it. Each attack fails, and harms nothing.
import { lstatSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openLink, runOver } from '../beds/sshd/connect.ts'
import { privateVarTmp } from '../beds/sshd/private-tmp.ts'
import { makeSshHome, personWho, type SshHome } from '../beds/sshd/ssh-home.ts'
import { buildStandIn, type StandIn } from '../beds/sshd/stand-in-helper.ts'
import { standInHost } from '../beds/sshd/stand-in-host.ts'
import { type Sshd, startSshd } from '../beds/sshd/start-sshd.ts'
import { layOverSudo } from '../beds/sshd/sudo-overlay.ts'

// Once, a program of the attacker that would tell that it ran.
const evil = '#!/bin/sh\nid >/var/tmp/attacked; echo singleton-helper 1 deadbeefdeadbeef; cat\n'

// Like `privateVarTmp`, for /tmp: the fixture itself lies there, and must still be found.
const privateTmp =
  'mkdir -m 1777 $folder/t && case $folder in /tmp/*) keep=$folder/t/$(echo $folder | sed s,^/tmp/,,); mkdir -p $keep; mount --bind $folder $keep;; esac; mount --rbind $folder/t /tmp'

describe('as root, beside another user', () => {
  const host = standInHost({
    prepare: [...privateVarTmp, privateTmp],
    users: ['mallory'],
  })
  const asMallory = (script: string) =>
    host.run(`setpriv --reuid=20000 --regid=20000 --clear-groups sh -c '${script}'`)
  // So that it has to lie where everybody may write.
  const withoutHome = () => host.run('mkdir -p /root/.cache && mount -t tmpfs -o noexec tmpfs /root/.cache')
  const withHome = () =>
    host.run('umount /root/.cache; rm -rf /var/tmp/singleton-workbench-0 /tmp/singleton-workbench-0')
  const varTmp = () => join(host.sshd.folder, 'tmp')

  it('follows no link in /var/tmp, and changes nothing of what it leads to', async () => {
    await withoutHome()
    await asMallory('mkdir -m 755 /var/tmp/mine && ln -s /var/tmp/mine /var/tmp/singleton-workbench-0')
    const link = await host.link(host.standIn('honest'))
    expect(link.log.join('\n')).toMatch(
      /\/var\/tmp\/singleton-workbench-0: it is a link, belongs to another user/,
    )
    expect(link.log.join('\n')).toContain('installed the helper as /tmp/singleton-workbench-0/')
    expect(statSync(join(varTmp(), 'mine'))).toMatchObject({ uid: 20_000 })
    expect(statSync(join(varTmp(), 'mine')).mode & 0o777).toBe(0o755)
    expect(readdirSync(join(varTmp(), 'mine'))).toEqual([])
    await link.close()
    await withHome()
  })

  it('makes nothing through a link that leads nowhere', async () => {
    await withoutHome()
    await asMallory('ln -s /var/tmp/not-there /var/tmp/singleton-workbench-0')
    const link = await host.link(host.standIn('honest'))
    expect(readdirSync(varTmp())).not.toContain('not-there')
    expect(lstatSync(join(varTmp(), 'singleton-workbench-0')).isSymbolicLink()).toBe(true)
    await link.close()
    await withHome()
  })

  it('takes no folder that another user made, and does not make it its own', async () => {
    const standIn = host.standIn('honest')
    await withoutHome()
    await asMallory(
      `mkdir -p /var/tmp/singleton-workbench-0/${standIn.digest} && printf "%s" "${evil.replaceAll('\n', ';').replace('#!/bin/sh;', '')}" >/var/tmp/singleton-workbench-0/${standIn.digest}/singleton-helper && chmod 700 /var/tmp/singleton-workbench-0/${standIn.digest}/singleton-helper`,
    )
    const link = await host.link(standIn)
    expect(link.log.join('\n')).toMatch(
      /\/var\/tmp\/singleton-workbench-0: it is a link, belongs to another user/,
    )
    expect(statSync(join(varTmp(), 'singleton-workbench-0')).uid).toBe(20_000)
    expect(readdirSync(varTmp())).not.toContain('attacked')
    await link.close()
    await withHome()
  })

  it('does not start a program that was exchanged since, whatever its rights', async () => {
    const standIn = host.standIn('honest')
    await (await host.link(standIn)).close()
    const installed = join(host.sshd.home, '.cache/singleton-workbench', standIn.digest, 'singleton-helper')
    writeFileSync(installed, evil, { mode: 0o700 })
    const link = await host.link(standIn)
    expect(link.log.join('\n')).toContain('is not what was built')
    expect(link.hello.uid).toBe(0)
    expect(readFileSync(installed, 'utf8')).not.toBe(evil)
    expect(readdirSync(varTmp())).not.toContain('attacked')
  })
})

const sudo = layOverSudo(['root ALL=(ALL:ALL) ALL', 'free ALL=(ALL:ALL) NOPASSWD: ALL'])
if (sudo === undefined)
  it('under sudo', (context) => context.skip('sudo is not installed and cannot be fetched'))

describe.runIf(sudo !== undefined)('under sudo', () => {
  let home: SshHome
  let sshd: Sshd
  let standIn: StandIn
  beforeAll(async () => {
    home = makeSshHome()
    standIn = buildStandIn('honest')
    sshd = await startSshd({
      authorizedKeys: [home.publicKey],
      users: ['free', 'mallory'],
      prepare: [
        // First: what it lays over /usr may itself lie below /var/tmp.
        ...(sudo?.prepare ?? []),
        ...privateVarTmp,
        'mkdir $folder/lib && cp -a /var/lib/dpkg $folder/lib/ 2>/dev/null; mount --bind $folder/lib /var/lib',
      ],
    })
    home.trust(sshd)
  })
  afterAll(async () => {
    await sshd?.stop()
    sudo?.remove()
    standIn?.remove()
    home?.remove()
  })
  const connect = () =>
    openLink({
      address: `free@127.0.0.1:${sshd.port}`,
      home,
      person: personWho(),
      helperDirectory: standIn.directory,
    })
  const run = (script: string) => runOver(`free@127.0.0.1:${sshd.port}`, script, { home })
  const copies = () => join(sshd.folder, 'lib/singleton-helper/versions')
  const cached = () =>
    join(sshd.folder, 'home/free/.cache/singleton-workbench', standIn.digest, 'singleton-helper')

  it('runs a copy in a folder that only root can write to', async () => {
    const link = await connect()
    expect(link.hello.uid).toBe(0)
    const [version = ''] = readdirSync(copies())
    const copy = join(copies(), version, 'singleton-helper')
    for (const path of [join(copies(), '..'), copies(), join(copies(), version), copy]) {
      expect({ path, uid: statSync(path).uid, mode: statSync(path).mode & 0o777 }).toEqual({
        path,
        uid: 0,
        mode: 0o700,
      })
    }
    expect(readFileSync(copy)).toEqual(readFileSync(cached()))
    await link.close()
  })

  it('does not run what the login was made to exchange, and keeps no copy of it', async () => {
    writeFileSync(cached(), evil)
    await run('sudo rm -rf /var/lib/singleton-helper')
    const link = await connect()
    expect(link.log.join('\n')).toContain('is not what was built')
    expect(link.hello.uid).toBe(0)
    expect(readdirSync(join(sshd.folder, 'tmp'))).not.toContain('attacked')
    const [version = ''] = readdirSync(copies())
    expect(readdirSync(join(copies(), version))).toEqual(['singleton-helper'])
    await link.close()
  })

  it('puts right a copy of its own that is not what was built', async () => {
    const [version = ''] = readdirSync(copies())
    const copy = join(copies(), version, 'singleton-helper')
    writeFileSync(copy, evil, { mode: 0o700 })
    const link = await connect()
    expect(link.hello.uid).toBe(0)
    expect(readFileSync(copy)).toEqual(readFileSync(cached()))
    expect(readdirSync(join(sshd.folder, 'tmp'))).not.toContain('attacked')
    await link.close()
  })

  it('takes another place where the first is a link or of another user', async () => {
    for (const attack of [
      'ln -s /home/free/there /var/lib/singleton-helper',
      'mkdir /var/lib/singleton-helper && chown 20001 /var/lib/singleton-helper',
      'mkdir -m 777 /var/lib/singleton-helper',
    ]) {
      await run(
        `sudo sh -c 'rm -rf /var/lib/singleton-helper /root/.singleton-helper; mkdir -p /home/free/there; ${attack}'`,
      )
      const link = await connect()
      expect(link.hello.uid).toBe(0)
      expect(readdirSync(join(sshd.folder, 'home/free/there'))).toEqual([])
      expect(readdirSync(join(sshd.home, '.singleton-helper'))).toEqual(['versions'])
      await link.close()
    }
  })
})
