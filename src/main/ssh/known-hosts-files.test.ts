import { createHmac } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { afterAll, expect, it } from 'vitest'
import type { Destination } from './destination.ts'
import { fileHostKey, readFiledHosts } from './known-hosts-files.ts'

const folder = mkdtempSync(join(tmpdir(), 'singleton-known-hosts-files-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const path = join(folder, 'known_hosts')
const key = Buffer.from('AAAAC3NzaC1lZDI1NTE5AAAAIHUTxDQSRs0Tm1ynzoXBPGkNdN0XVHMRW3l0vKqYBVPX', 'base64')
const filed = `ssh-ed25519 ${key.toString('base64')}`

function hashed(name: string): string {
  const salt = Buffer.alloc(20, name)
  const hash = createHmac('sha1', salt).update(name).digest('base64')
  return `|1|${salt.toString('base64')}|${hash} ${filed}`
}

function destination(name: string): Destination {
  const files = { userKnownHosts: [path], globalKnownHosts: [], hostKeyNames: [name] }
  return files as unknown as Destination
}

it('finds a host among thousands of hashed names, with its line, and lets main go on during it', async () => {
  const lines = Array.from({ length: 5000 }, (_, each) => hashed(`host${each}`))
  writeFileSync(path, ['not understood', ...lines, `plain ${filed}`].join('\n'))
  const log: string[] = []
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const found = await readFiledHosts(destination('host4321'), (_, text) => log.push(text))
  delay.disable()
  console.log(`main was held for ${(delay.max / 1e6).toFixed(0)} ms at most`)
  expect(found.map(({ line }) => line)).toEqual([4323])
  expect(log).toEqual([`${path}: lines not understood: 1`])
  expect((await readFiledHosts(destination('plain'))).map(({ line }) => line)).toEqual([5002])
})

it.each(['*', 'a*', '!host', 'a,b', 'host\nother', '@revoked', '#host', '|1|x|y', 'a b', ''])(
  'files nothing under %j',
  async (name) => {
    writeFileSync(path, 'before\n')
    await expect(fileHostKey(destination(name), key)).rejects.toMatchObject({ code: 'bad-input' })
    expect(readFileSync(path, 'utf8')).toBe('before\n')
  },
)

it.each(['host', '10.0.0.7', '[host]:2222', 'fd00::1', '[fe80::1%eth0]:2222'])(
  'files a key under %s',
  async (name) => {
    writeFileSync(path, 'open end')
    await fileHostKey(destination(name), key)
    await fileHostKey(destination(name), key)
    expect(readFileSync(path, 'utf8')).toBe(`open end\n${name} ${filed}\n`)
  },
)
