// Gives one random file to its reader. Whatever comes out must be sound, and only a Problem may be thrown.
import { z } from 'zod'
import { parseInventory } from '../../src/main/inventory/parse-inventory.ts'
import { isHostName, parseAddress } from '../../src/main/ssh/address.ts'
import { listAliases } from '../../src/main/ssh/config/aliases.ts'
import { parseConfigText } from '../../src/main/ssh/config/lines.ts'
import { findDestination } from '../../src/main/ssh/destination.ts'
import { isFiledName } from '../../src/main/ssh/host-key-trust.ts'
import { judgeHostKey, listKeyTypes, parseKnownHosts, rsaKeyBits } from '../../src/main/ssh/known-hosts.ts'
import { hostImport } from '../../src/shared/contract/index.ts'
import { Problem } from '../../src/shared/problem.ts'
import type { TextKind } from './random-texts.ts'

/** Resolves with whether the file was taken or refused; rejects when its reader is at fault. */
export async function readRandomText(kind: TextKind, text: string): Promise<'taken' | 'refused'> {
  try {
    await readers[kind](text)
    return 'taken'
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    if (error.code === 'internal') throw new Error(`told as internal: ${error.message}`, { cause: error })
    return 'refused'
  }
}

const readers: Readonly<Record<TextKind, (text: string) => Promise<void>>> = {
  ssh_config: async (text) => {
    const files = [{ path: 'config', text: parseConfigText(text), included: new Map() }]
    if (!listAliases(files).every(isHostName)) throw new Error('an alias is not a host name')
    const found = await findDestination({ source: { home: '/home/me' }, files }, 'me@box')
    if (!isHostName(found.hostName)) throw new Error(`${found.hostName} is not a host name`)
    if (!found.hostKeyNames.every(isFiledName)) throw new Error(`${found.hostKeyNames} cannot be filed`)
    z.object({
      port: z.int().min(1).max(65_535),
      connectTimeoutMs: z
        .int()
        .min(1)
        .max(2 ** 31 - 1),
    }).parse(found)
  },
  known_hosts: async (text) => {
    const { hosts } = parseKnownHosts(text)
    const [first] = hosts
    const offered = first?.key ?? Buffer.alloc(0)
    for (const name of ['host', '[host]:2222', 'good.example.com', `${'a'.repeat(200)}.example.com`]) {
      judgeHostKey(hosts, [name], offered)
      listKeyTypes(hosts, [name])
    }
    for (const { key } of hosts) rsaKeyBits(key)
  },
  inventory: async (text) => {
    const { hosts, problems } = parseInventory(text)
    hostImport.parse({ hosts, problems })
    for (const { address } of hosts) if (address !== 'local') parseAddress(address)
    if (hosts.length > 10_000) throw new Error(`${hosts.length} hosts`)
  },
  address: async (text) => {
    const { host } = parseAddress(text)
    if (!isHostName(host)) throw new Error(`${host} is not a host name`)
  },
}
