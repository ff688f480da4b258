import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { hostImport, type SavedHost } from '../../shared/contract/index.ts'
import { previewImport } from './import-preview.ts'

const saved: SavedHost = { id: '1', name: 'alpha', address: 'root@10.0.0.7:2222', mode: 'observe', tags: [] }
let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'singleton-import-'))
  mkdirSync(join(home, '.ssh'))
  writeFileSync(
    join(home, '.ssh/config'),
    'Host kvm01\n  HostName 10.0.0.7\n  User root\n  Port 2222\n  ProxyJump bastion\nHost near\n  HostName 10.0.0.7\n  User root\n  Port 2222\nHost odd\n  Port x\n',
  )
})
afterEach(() => rmSync(home, { recursive: true }))

const preview = (text: string) =>
  previewImport(text, { environment: { home, helperDirectory: '/nowhere' }, saved: [saved] })

it('shows the way by the SSH configuration, and what is known under another spelling', async () => {
  const found = await preview('near\nkvm01\nops@kvm02:2200\nlocal')
  expect(hostImport.parse(found)).toEqual(found)
  expect(found.hosts.map(({ route, savedAs }) => [route?.user, route?.port, route?.jumps, savedAs])).toEqual([
    ['root', 2222, [], 'alpha'],
    // The same private address behind a jump host is another host.
    ['root', 2222, ['bastion'], undefined],
    ['ops', 2200, [], undefined],
    [undefined, undefined, undefined, undefined],
  ])
})

it('says of one host what is wrong with it and goes on', async () => {
  const { hosts } = await preview('odd\nroot@10.0.0.8\nroot@10.0.0.8:22 twin')
  expect(hosts.map(({ problems }) => problems)).toEqual([
    [expect.stringContaining('not a number')],
    [],
    [expect.stringContaining('same place as root@10.0.0.8')],
  ])
})
