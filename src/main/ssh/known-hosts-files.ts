// The known_hosts files of one destination: reading them all, and adding a line to the first.
import { chmod, mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { Problem } from '../../shared/problem.ts'
import type { OnLog } from './ask.ts'
import type { Destination } from './destination.ts'
import { isFiledName } from './host-key-trust.ts'
import {
  judgeHostKey,
  type KnownHost,
  type KnownHosts,
  matchesName,
  parseKnownHostLines,
  readKeyType,
} from './known-hosts.ts'
import { readTextFile } from './text-file.ts'

/** Some milliseconds' worth. */
const linesPerTurn = 200

export interface FiledHost extends KnownHost {
  readonly path: string
}

/** What the files say about this destination, by any of its names. */
export async function readFiledHosts(destination: Destination, onLog?: OnLog): Promise<FiledHost[]> {
  const found: FiledHost[] = []
  for (const path of [...destination.userKnownHosts, ...destination.globalKnownHosts]) {
    const { hosts, malformed } = await findNamed(await readIfThere(path), destination.hostKeyNames)
    if (malformed.length > 0)
      onLog?.('warning', `${path}: lines not understood: ${malformed.slice(0, 20).join(', ')}`)
    found.push(...hosts.map((host) => ({ ...host, path })))
  }
  return found
}

/** Others get their turn in between: each hashed name costs a digest, and some files have many thousands. */
async function findNamed(text: string, names: readonly string[]): Promise<KnownHosts> {
  const lines = text.split('\n')
  const named: KnownHost[] = []
  const malformed: number[] = []
  for (let at = 0; at < lines.length; at += linesPerTurn) {
    if (at > 0) await setImmediate()
    const parsed = parseKnownHostLines(lines.slice(at, at + linesPerTurn), at + 1)
    named.push(...parsed.hosts.filter((host) => names.some((name) => matchesName(host.names, name))))
    malformed.push(...parsed.malformed)
  }
  return { hosts: named, malformed }
}

async function readIfThere(path: string): Promise<string> {
  try {
    return (await readTextFile(path))?.text ?? ''
  } catch (error) {
    // Not being able to read what is filed must not make a changed key look new.
    throw new Problem('not-permitted', `cannot read ${path}: ${(error as Error).message}`, { cause: error })
  }
}

/** Only for a key that the host has proven to hold. Adds one line in one write, so that two programs never mix theirs. */
export async function fileHostKey(destination: Destination, key: Buffer): Promise<void> {
  const [path] = destination.userKnownHosts
  if (path === undefined) return
  const [name] = destination.hostKeyNames
  const keyType = readKeyType(key)
  if (!isFiledName(name) || keyType === undefined || !/^[a-z0-9@.-]+$/.test(keyType))
    throw new Problem(
      'bad-input',
      `cannot add a host key for ${JSON.stringify(name)} to ${path}: not a host name`,
    )
  // Another connection may have filed it while the question was open.
  const filed = await readFiledHosts(destination)
  if (judgeHostKey(filed, destination.hostKeyNames, key).kind === 'known') return
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    await appendLine(path, `${name} ${keyType} ${key.toString('base64')}\n`)
  } catch (error) {
    throw new Problem('system', `cannot add the host key to ${path}: ${(error as Error).message}`, {
      cause: error,
    })
  }
}

async function appendLine(path: string, line: string): Promise<void> {
  const file = await open(path, 'a+', 0o600)
  try {
    const { size } = await file.stat()
    const last = Buffer.alloc(1)
    if (size > 0) await file.read(last, 0, 1, size - 1)
    const isOpenEnded = size > 0 && last.toString() !== '\n'
    await file.appendFile(isOpenEnded ? `\n${line}` : line)
    if (size === 0 && (await file.stat()).isFile()) await chmod(path, 0o600)
  } finally {
    await file.close()
  }
}
