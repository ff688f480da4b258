// A small program that passes for a built helper: honest, or hostile in one chosen way.
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

export type Behaviour =
  | 'honest'
  | 'noisy'
  | 'endless-noise'
  | 'silent'
  | 'wrong-digest'
  | 'wrong-protocol'
  | 'oversize-frame'
  | 'half-frame'
  | 'invalid-json'
  | 'wrong-types'
  | 'no-rpc'
  | 'flood'
  | 'deaf'
  | 'ends-at-once'
  | 'illegal-instruction'
  | 'control-characters'
  /** As the file `behaviour` in the home of root over there says. */
  | 'by-host'

export interface StandIn {
  /** For SshEnvironment.helperDirectory. */
  readonly directory: string
  readonly digest: string
  remove(): void
}

/** `sample` makes it do its worst; until then, and in all else, it answers `hello` like a helper. */
export function buildStandIn(behaviour: Behaviour): StandIn {
  const directory = mkdtempSync(join(tmpdir(), 'singleton-stand-in-'))
  const digest = createHash('sha256').update(`${behaviour} ${directory}`).digest('hex')
  const program = readFileSync(join(import.meta.dirname, 'stand-in-program.mjs'), 'utf8')
  const source = `#!${process.execPath}\n${program.replace("'DIGEST'", `'${digest}'`).replace("'BEHAVIOUR'", `'${behaviour}'`)}`
  const file = 'singleton-helper-linux-x64'
  const binary = Buffer.from(source)
  const gzip = gzipSync(binary)
  writeFileSync(join(directory, file), binary, { mode: 0o755 })
  writeFileSync(join(directory, `${file}.gz`), gzip)
  const sha256 = createHash('sha256').update(binary).digest('hex')
  const helper = { target: 'linux-x64', file, sha256, bytes: binary.length, gzipBytes: gzip.length }
  const baseline = { ...helper, target: 'linux-x64-baseline' }
  const manifest = { version: '0.0.0', bun: 'none', buildDigest: digest, helpers: [helper, baseline] }
  writeFileSync(join(directory, 'manifest.json'), JSON.stringify(manifest))
  return { directory, digest, remove: () => rmSync(directory, { recursive: true, force: true }) }
}
