// What we make of an SSH configuration, compared field by field with what OpenSSH makes of it (`ssh -G`, `ssh -v`).
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Destination, readDestination } from '../../src/main/ssh/destination.ts'
import { Problem } from '../../src/shared/problem.ts'
import { Comparison, parseAnswer, program, runSsh } from '../beds/openssh.ts'
import { cornerSnippets, secondPassSnippets } from '../fixtures/ssh-config/corners.ts'
import { hostSnippets, includeSnippets, matchSnippets } from '../fixtures/ssh-config/hosts-and-matches.ts'
import {
  nameSnippets,
  networkSnippets,
  portAndUserSnippets,
  proxySnippets,
} from '../fixtures/ssh-config/places.ts'
import type { Snippet } from '../fixtures/ssh-config/snippet.ts'
import { expandedSnippets } from '../fixtures/ssh-config/tokens.ts'
import { loginSnippets, otherSnippets, trustSnippets } from '../fixtures/ssh-config/trust-and-keys.ts'

const groups: Readonly<Record<string, readonly Snippet[]>> = {
  Host: hostSnippets,
  Match: matchSnippets,
  Include: includeSnippets,
  names: nameSnippets,
  'ports and users': portAndUserSnippets,
  proxies: proxySnippets,
  network: networkSnippets,
  trust: trustSnippets,
  login: loginSnippets,
  'everything else': otherSnippets,
  'two readings': secondPassSnippets,
  corners: cornerSnippets,
}
const all = Object.values(groups).flat()

const folder = mkdtempSync(join(tmpdir(), 'singleton-oracle-'))
const { username, homedir } = userInfo()

beforeAll(() => {
  const files = {
    'conf.d/10-one.conf': 'Port 1\nUser one\n',
    'conf.d/20-two.conf': 'Port 2\nUser two\n',
    'conf.d/.hidden.conf': 'Port 3\n',
    'sections.conf': 'Host inner\n Port 3\nHost box\n Port 4\nMatch host box\n User included\n',
    'final.conf': 'Match final\n Port 5\n',
    'nested.conf': `Include ${folder}/conf.d/20-two.conf\nHost box\n Include ${folder}/sections.conf\n`,
    'circle.conf': `Include ${folder}/circle.conf\n`,
    'bad.conf': 'Host other\n Port x\nHost box\n Port 7\n',
    'open-to-all.conf': 'Port 8\n',
    '.ssh/conf.d/30-home.conf': 'Port 30\n',
  }
  for (const name of ['conf.d/20-folder.conf', '.ssh/conf.d'])
    mkdirSync(join(folder, name), { recursive: true })
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text, { mode: 0o600 })
  chmodSync(join(folder, 'open-to-all.conf'), 0o666)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let files = 0
function writeConfig(snippet: Snippet): string {
  files += 1
  const path = join(folder, `config-${files}`)
  const text = snippet.config.replaceAll('{dir}', folder).replaceAll('{user}', username)
  writeFileSync(path, `${text}\n`, { mode: 0o600 })
  return path
}

async function readOurs(snippet: Snippet, path: string): Promise<Destination | Problem> {
  const home = snippet.isAtHome === true ? folder : homedir
  try {
    return await readDestination({ home, userConfig: path, systemConfig: '' }, snippet.address)
  } catch (error) {
    if (error instanceof Problem) return error
    throw error
  }
}

let compare: Comparison | undefined

beforeAll(async () => {
  const path = writeConfig({ config: '', address: 'box' })
  const usual = await readDestination({ home: homedir, userConfig: path, systemConfig: '' }, 'box')
  if (existsSync(program))
    compare = new Comparison(usual, parseAnswer((await runSsh(['-G', '-F', path, 'box'])).stdout))
})

const withProgram = existsSync(program) ? describe : describe.skip
if (!existsSync(program)) console.log(`skipped: ${program} is not there (package openssh-client)`)

withProgram('as ssh -G says', () => {
  it(`is asked about at least 150 configurations: ${all.length}`, () => {
    expect(all.length).toBeGreaterThanOrEqual(150)
  })

  describe.each(Object.entries(groups))('%s', (_, snippets) => {
    it.each(
      snippets.map(
        (snippet) => [JSON.stringify(snippet.config.slice(0, 80)), snippet.address, snippet] as const,
      ),
    )('%s for %s', async (_config, _address, snippet) => {
      const path = writeConfig(snippet)
      const theirs = await runSsh(
        ['-G', '-F', path, snippet.address],
        snippet.isAtHome === true ? folder : undefined,
      )
      const ours = await readOurs(snippet, path)
      const [refusedByUs, refusedByThem] = [ours instanceof Problem, theirs.code !== 0]
      const said = `${theirs.stderr.trim()} | ${ours instanceof Problem ? ours.message : ours.notes.join(' | ')}`
      expect({ refusedByUs, refusedByThem }, said).toEqual({
        refusedByUs: snippet.lenient === undefined && (refusedByThem || snippet.stricter !== undefined),
        refusedByThem: snippet.stricter === undefined && (refusedByUs || snippet.lenient !== undefined),
      })
      if (ours instanceof Problem || refusedByThem) return
      compare?.expectSame(ours, parseAnswer(theirs.stdout), snippet.isAtHome === true)
    })
  })
})

withProgram('as ssh -v says', () => {
  it.each(
    expandedSnippets.map((snippet) => [JSON.stringify(snippet.config), snippet.address, snippet] as const),
  )('%s for %s', async (_config, _address, snippet) => {
    const path = writeConfig(snippet)
    const { stderr } = await runSsh(['-v', '-F', path, '-o', 'BatchMode=yes', snippet.address], homedir)
    const ours = await readOurs(snippet, path)
    const command = /Executing proxy command: exec (.*)/.exec(stderr)?.[1]
    const isRefused = command === undefined || /unknown key|invalid environment/.test(stderr)
    expect(ours instanceof Problem, stderr).toBe(isRefused)
    if (ours instanceof Problem || isRefused) return
    expect(ours.route).toEqual({ kind: 'command', command: command.trimEnd() })
    const files = [...stderr.matchAll(/identity file (.*) type -?\d+/g)].map(([, file = '']) => file)
    if (!ours.hasOwnIdentities) return
    const named = files.filter((file) => !file.endsWith('-cert'))
    expect(ours.identityFiles).toEqual(named)
  })
})
