// Root on the host: sudo without and with a password, no sudo at all, and what the person is told.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openLink, runOver } from '../beds/sshd/connect.ts'
import type { PackageOverlay } from '../beds/sshd/package-overlay.ts'
import { makeSshHome, type Person, personWho, type SshHome } from '../beds/sshd/ssh-home.ts'
import { buildStandIn, type StandIn } from '../beds/sshd/stand-in-helper.ts'
import { run, type Sshd, startSshd } from '../beds/sshd/start-sshd.ts'
import { layOverSudo } from '../beds/sshd/sudo-overlay.ts'

const PASSWORD = 'only for sudo'
const rules = ['root ALL=(ALL:ALL) ALL', 'free ALL=(ALL:ALL) NOPASSWD: ALL', 'asked ALL=(ALL:ALL) ALL']
let home: SshHome
let standIn: StandIn

beforeAll(() => {
  home = makeSshHome()
  standIn = buildStandIn('honest')
})
afterAll(() => {
  home?.remove()
  standIn?.remove()
})

async function connectAs(sshd: Sshd, user: string, person: Person) {
  const address = `${user}@127.0.0.1:${sshd.port}`
  const { hello, close, log } = await openLink({
    address,
    home,
    person,
    helperDirectory: standIn.directory,
  })
  await close()
  return { uid: hello.uid, environment: JSON.parse(hello.limits[0] ?? '{}'), log }
}

describe.each(['sudo', 'sudo-rs'] as const)('with %s', (implementation) => {
  const sudo: PackageOverlay | undefined = layOverSudo(rules, implementation)
  if (sudo === undefined) {
    it(implementation, (context) => context.skip('it is not installed and its package cannot be fetched'))
    return
  }
  let sshd: Sshd
  beforeAll(async () => {
    sshd = await startSshd({
      authorizedKeys: [home.publicKey],
      password: PASSWORD,
      users: ['free', 'asked', 'refused'],
      prepare: sudo.prepare,
    })
    home.trust(sshd)
  })
  afterAll(async () => {
    await sshd?.stop()
    sudo.remove()
  })
  const question = (attempt: number) => ({
    kind: 'sudo',
    address: `asked@127.0.0.1:${sshd.port}`,
    user: 'asked',
    text: '',
    echo: false,
    attempt,
  })

  it('is root without a question where sudo asks nothing', async () => {
    const person = personWho()
    const { uid, environment } = await connectAs(sshd, 'free', person)
    expect(uid).toBe(0)
    expect(environment).toMatchObject({ SUDO_USER: 'free', HOME: '/root' })
    expect(person.questions).toEqual([])
  })

  it('asks for the sudo password, tells a wrong one, and is root with the right one', async () => {
    const person = personWho('wrong', PASSWORD)
    const { uid, log, environment } = await connectAs(sshd, 'asked', person)
    expect(uid).toBe(0)
    expect(environment.SUDO_USER).toBe('asked')
    expect(person.questions).toEqual([question(1), question(2)])
    expect(log.join('\n')).toContain('wrong sudo password for asked')
    expect(log.join('\n')).not.toContain(PASSWORD)
  })

  it('ends after three wrong ones', async () => {
    const person = personWho('a', 'b', 'c', PASSWORD)
    await expect(connectAs(sshd, 'asked', person)).rejects.toMatchObject({ code: 'not-permitted' })
    expect(person.questions).toHaveLength(3)
  })

  it('goes on without root when the password is not given, or sudo is not allowed', async () => {
    const { uid, log } = await connectAs(sshd, 'asked', personWho('cancel'))
    expect(uid).not.toBe(0)
    expect(log.join('\n')).toContain('continuing without root: the sudo password was not given')
    const refused = await connectAs(sshd, 'refused', personWho(PASSWORD))
    expect(refused.uid).not.toBe(0)
    expect(refused.log.join('\n')).toContain('refused may not use sudo')
  })
})

describe('with a sudo of its own mind', () => {
  const rules = [
    'root ALL=(ALL:ALL) ALL',
    'Defaults:free,asked requiretty',
    'Defaults:target targetpw',
    'Defaults:rooted rootpw',
    'free ALL=(ALL:ALL) NOPASSWD: ALL',
    'asked,target,rooted,coded ALL=(ALL:ALL) ALL',
  ]
  const rootPassword = "root's own"
  const sudo: PackageOverlay | undefined = layOverSudo(rules)
  if (sudo === undefined) {
    it('requiretty, targetpw, rootpw', (context) =>
      context.skip('sudo is not installed and its package cannot be fetched'))
    return
  }
  let sshd: Sshd
  beforeAll(async () => {
    const hash = run('openssl', ['passwd', '-6', '-stdin'], rootPassword).trim()
    sshd = await startSshd({
      authorizedKeys: [home.publicKey],
      password: PASSWORD,
      users: ['free', 'asked', 'target', 'rooted'],
      prepare: [
        // In place: the file is mounted.
        `text=$(sed 's|^root:[^:]*:|root:${hash}:|' $folder/shadow) && printf '%s\\n' "$text" >$folder/shadow`,
        ...sudo.prepare,
      ],
    })
    home.trust(sshd)
  })
  afterAll(async () => {
    await sshd?.stop()
    sudo.remove()
  })

  it('gives sudo the terminal that it insists on', async () => {
    const refused = await runOver(`free@127.0.0.1:${sshd.port}`, 'sudo -n true', { home })
    expect(refused.stderr).toContain('you must have a tty')
    const person = personWho()
    const { uid, environment } = await connectAs(sshd, 'free', person)
    expect(uid).toBe(0)
    expect(environment).toMatchObject({ SUDO_USER: 'free', HOME: '/root' })
    expect(person.questions).toEqual([])
  })

  it('asks for the password there, too, and tells a wrong one', async () => {
    const person = personWho('wrong', PASSWORD)
    const { uid, log } = await connectAs(sshd, 'asked', person)
    expect(uid).toBe(0)
    expect(person.questions).toMatchObject([
      { user: 'asked', attempt: 1 },
      { user: 'asked', attempt: 2 },
    ])
    expect(log.join('\n')).not.toContain(PASSWORD)
  })

  it('names the cause where no terminal can be made', async () => {
    const hidden = await startSshd({
      authorizedKeys: [home.publicKey],
      users: ['free'],
      prepare: [...sudo.prepare, ': >$folder/nothing && mount --bind $folder/nothing /usr/bin/script'],
    })
    try {
      home.trust(hidden)
      const { uid, log } = await connectAs(hidden, 'free', personWho())
      expect(uid).not.toBe(0)
      expect(log.join('\n')).toMatch(/needs a terminal \(requiretty in its sudoers\)/)
    } finally {
      await hidden.stop()
    }
  })

  it('says so where sudo asks for more than a password', async () => {
    const twice = [
      'auth required pam_unix.so nodelay',
      'auth optional pam_ftp.so',
      'account required pam_unix.so',
    ]
    const coded = await startSshd({
      authorizedKeys: [home.publicKey],
      password: PASSWORD,
      users: ['coded'],
      // Asks a second time, as a module for codes does, in the same try.
      prepare: [
        ...sudo.prepare,
        `printf '%s\\n' ${twice.map((line) => `'${line}'`).join(' ')} >/etc/pam.d/sudo`,
      ],
    })
    try {
      home.trust(coded)
      const person = personWho(PASSWORD, PASSWORD)
      const { uid, log } = await connectAs(coded, 'coded', person)
      expect(uid).not.toBe(0)
      expect(person.questions).toMatchObject([{ kind: 'sudo', user: 'coded', attempt: 1 }])
      expect(log.join('\n')).toContain('asks for more than a password (a code, for example)')
      expect(log.join('\n')).not.toContain('wrong sudo password')
    } finally {
      await coded.stop()
    }
  })

  it.each(['target', 'rooted'])('says that %s has to give the password of root', async (user) => {
    const person = personWho(PASSWORD, rootPassword)
    const { uid, log } = await connectAs(sshd, user, person)
    expect(uid).toBe(0)
    expect(person.questions).toMatchObject([
      { kind: 'sudo', user: 'root', text: expect.stringContaining('Password of root'), attempt: 1 },
      { kind: 'sudo', user: 'root', attempt: 2 },
    ])
    expect(log.join('\n')).toContain('wrong sudo password for root')
  })
})

describe('without sudo', () => {
  it('goes on without root and says so', async () => {
    const bare = await startSshd({
      authorizedKeys: [home.publicKey],
      users: ['plain'],
      // Where this machine has a sudo, this host has none.
      prepare: [
        'if [ -e /usr/bin/sudo ]; then : >$folder/nothing; mount --bind $folder/nothing /usr/bin/sudo; fi',
      ],
    })
    try {
      home.trust(bare)
      const { uid, log } = await connectAs(bare, 'plain', personWho())
      expect(uid).toBe(20_000)
      expect(log.join('\n')).toContain('there is no sudo')
    } finally {
      await bare.stop()
    }
  })
})
