// Experiments by the command line over SSH: one with a known effect, one without, and one that a guard ends.
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { z } from 'zod'
import { experimentDocument } from '../../src/shared/contract/index.ts'
import { describeRatio } from '../../src/shared/text/experiment-text.ts'
import { type Lab, upLab, writeSshHome } from '../beds/lab/lab.ts'
import {
  narrowCache,
  startReaderBesideStream,
  wideBytes,
  wideIops,
  widenCache,
} from '../beds/lab/reader-beside-stream.ts'
import type { BenchOptions, Measured, Section } from './section.ts'

export const experimentsSection: Section = { name: 'experiments', title: '8. Experiments', measure }

type Shown = z.infer<typeof experimentDocument>

interface Part {
  readonly name: 'gain' | 'same' | 'guard'
  readonly about: string
  /** Whether the stream does not fit beside what the reader needs. */
  readonly narrow: boolean
  readonly args: string
}

const root = dirname(dirname(import.meta.dirname))
const loadSeconds = 420
const fillSeconds = 6

const parts: readonly Part[] = [
  {
    name: 'gain',
    about: 'a known effect: the reader of (b) gains hits under adaptive',
    narrow: true,
    args: '--arms off,adaptive --metric hit-ratio --pairs 6 --phase 3s --warm-up 4s --seed 3 --ignore-policy-guards',
  },
  {
    name: 'same',
    about: 'no effect: the kernel alone against itself',
    narrow: false,
    args: '--arms off,off --metric hit-ratio --pairs 6 --phase 3s --warm-up 0 --seed 4',
  },
  {
    name: 'guard',
    about: 'harm: everything double cached is evicted every second, and a guard ends it',
    narrow: false,
    args: '--arms off,periodic:1 --metric hit-ratio --pairs 6 --phase 3s --warm-up 1s --seed 5 --slowdown 1.1 --ignore-policy-guards',
  },
]

async function measure({ only, say }: BenchOptions): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'singleton-bench-experiments-'))
  const guest = { fio: true }
  const lab = await upLab(
    { hosts: [{ memoryLimitBytes: wideBytes, readIops: wideIops, guests: [guest, guest] }] },
    say,
  )
  try {
    const home = join(folder, 'home')
    mkdirSync(home)
    writeSshHome(lab, home)
    return await measureParts(lab, {
      folder,
      home,
      say,
      wanted: parts.filter(({ name }) => only?.includes(name) ?? true),
    })
  } finally {
    await lab.down()
    rmSync(folder, { recursive: true, force: true })
  }
}

interface Bed {
  readonly folder: string
  readonly home: string
  readonly say: BenchOptions['say']
  readonly wanted: readonly Part[]
}

async function measureParts(lab: Lab, { folder, home, say, wanted }: Bed): Promise<Measured> {
  const [host] = lab.hosts
  if (host === undefined) throw new Error('cannot measure: the lab has no host')
  startReaderBesideStream(host, loadSeconds)
  const rows: string[] = []
  const raw: Record<string, Shown> = {}
  for (const part of wanted) {
    if (part.narrow) narrowCache(host)
    else widenCache(host)
    await new Promise((resolve) => setTimeout(resolve, fillSeconds * 1000))
    const out = join(folder, `${part.name}.json`)
    const code = await runCli(`experiment run ${host.name} ${part.args} --out ${out}`, { folder, home, say })
    const shown = experimentDocument.parse(JSON.parse(readFileSync(out, 'utf8')))
    raw[part.name] = shown
    rows.push(rowOf(part, code, shown))
    say(rows.at(-1) ?? '')
  }
  return { text: textOf(rows), raw: { runs: raw } }
}

function rowOf({ about, args }: Part, code: number | null, shown: Shown): string {
  const { result, state, why, hosts } = shown
  const pairs = result.fleet[0]?.ratios.map(([, ratio]) => describeRatio(ratio)).join(' ') ?? 'none'
  const ended = why === undefined ? state : `${state}: ${why}`
  const puts = hosts.map((host) => host.state).join(', ')
  return `| ${about} | \`${args}\` | ${ended}; host ${puts}; exit ${code} | ${result.verdict.sentence} | ${pairs} |`
}

function textOf(rows: readonly string[]): string {
  return [
    'Two guests on a lab host, over SSH: one reads 24 MiB by zipf at up to 1,500 reads/s, the other streams 96 MiB over and over at up to',
    '100 MiB/s, both past their own caches. In the first experiment image cache is limited to 96 MiB and storage to 1,500 reads/s; in the others neither is.',
    '',
    '| | `npm run cli -- experiment run HOST …` | ended | verdict | each pair |',
    '|---|---|---|---|---|',
    ...rows,
  ].join('\n')
}

function runCli(args: string, { folder, home, say }: Omit<Bed, 'wanted'>): Promise<number | null> {
  const { SSH_AUTH_SOCK: _, ...env } = process.env
  const child = spawn(process.execPath, [join(root, 'src/main/cli.ts'), ...args.split(' ')], {
    env: { ...env, HOME: home, SINGLETON_DATA_DIR: join(folder, 'data') },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => say(chunk.toString().trimEnd()))
  return new Promise((resolve) => child.once('close', (code) => resolve(code)))
}
