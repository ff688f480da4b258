// Reads ~/.ssh/config and /etc/ssh/ssh_config with their includes. Nothing in them is ever run from here.
import { glob as listFiles, readFile } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import SshConfig, { glob } from 'ssh-config'
import { Problem } from '../../shared/problem.ts'

const SYSTEM_CONFIG = '/etc/ssh/ssh_config'
const MAX_INCLUDE_DEPTH = 16
/** ssh-config would look these up with a program, in the main thread. */
const LEFT_OUT = new Set(['canonicalizehostname', 'canonicaldomains'])
/** ssh-config compares these two with their usual spelling. */
const CANONICAL_NAMES = new Map([
  ['hostname', 'HostName'],
  ['user', 'User'],
])

type Line = SshConfig[number]
type Section = Extract<Line, { config: SshConfig }>

/** Settings for one host by lower-case name, in order of appearance; the first value of a name counts. */
export type HostSettings = ReadonlyMap<string, readonly string[]>

export interface ConfigSource {
  readonly home: string
  /** Tests leave the machine's own file out. */
  readonly systemConfig?: string
}

/** What the configuration says about `host` as it was typed. `Match exec` never matches. */
export async function readHostSettings(
  source: ConfigSource,
  host: string,
  user?: string,
): Promise<HostSettings> {
  const lines = await readConfigLines(source, (section) => matchesSection(section, host))
  const config = SshConfig.parse('')
  config.push(...lines)
  const query = user === undefined ? { Host: host } : { Host: host, User: user }
  const computed = config.compute(query, { ignoreCase: true, matchExec: false })
  return new Map(Object.entries(computed).map(([name, value]) => [name, [value].flat()]))
}

/** Names in Host lines that are no patterns, in order of appearance. */
export async function readAliases(source: ConfigSource): Promise<string[]> {
  const lines = await readConfigLines({ ...source, systemConfig: '' }, () => true)
  const hosts = lines.filter(isSection).filter(({ param }) => /^host$/i.test(param))
  const names = hosts.flatMap(({ value }) => wordsOf(value).flatMap((word) => word.split(',')))
  return [...new Set(names)].filter((name) => name !== '' && !/[*?!]/.test(name))
}

type SectionFilter = (section: Section) => boolean

async function readConfigLines(source: ConfigSource, isWanted: SectionFilter): Promise<Line[]> {
  const folder = join(source.home, '.ssh')
  const user = await readConfigFile(join(folder, 'config'), { folder, home: source.home, isWanted }, 0)
  const path = source.systemConfig ?? SYSTEM_CONFIG
  if (path === '') return user
  return [...user, ...(await readConfigFile(path, { folder: '/etc/ssh', home: source.home, isWanted }, 0))]
}

interface IncludeContext {
  /** Relative includes start here. */
  readonly folder: string
  readonly home: string
  readonly isWanted: SectionFilter
}

async function readConfigFile(path: string, context: IncludeContext, depth: number): Promise<Line[]> {
  if (depth > MAX_INCLUDE_DEPTH) throw new Problem('bad-input', `cannot read ${path}: Include goes too deep`)
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return []
    throw new Problem('not-permitted', `cannot read ${path}: ${(error as Error).message}`, { cause: error })
  }
  return expandLines(parseConfig(path, text), context, depth)
}

/** The last text of each file, parsed: a hundred hosts are looked up in the same one. Nobody changes what is parsed. */
const parsedFiles = new Map<string, { readonly text: string; readonly config: SshConfig }>()
const MAX_PARSED_FILES = 64

function parseConfig(path: string, text: string): SshConfig {
  const known = parsedFiles.get(path)
  if (known?.text === text) return known.config
  try {
    const config = SshConfig.parse(text)
    if (parsedFiles.size >= MAX_PARSED_FILES) parsedFiles.clear()
    parsedFiles.set(path, { text, config })
    return config
  } catch (error) {
    throw new Problem('bad-input', `cannot read ${path}: ${(error as Error).message}`, { cause: error })
  }
}

/** Puts included lines where their Include stands, and leaves out what would run programs. */
async function expandLines(config: SshConfig, context: IncludeContext, depth: number): Promise<Line[]> {
  const lines: Line[] = []
  for (const line of config) {
    if (!('param' in line)) continue
    if (/^include$/i.test(line.param)) lines.push(...(await readIncluded(line.value, context, depth)))
    else if (isSection(line)) lines.push(...(await expandSection(line, context, depth)))
    else if (!LEFT_OUT.has(line.param.toLowerCase())) lines.push(withCanonicalName(line))
  }
  return lines
}

/**
 * A section holds no sections of its own, so those of an Include within it move behind its first part,
 * and only where the outer one applies.
 */
async function expandSection(section: Section, context: IncludeContext, depth: number): Promise<Line[]> {
  if (!context.isWanted(section)) return []
  const expanded = await expandLines(section.config, context, depth)
  const parts: Line[] = []
  let open: Section | undefined
  for (const line of expanded) {
    if (isSection(line)) {
      open = undefined
      parts.push(line)
      continue
    }
    if (open === undefined) {
      open = { ...section, config: SshConfig.parse('') }
      parts.push(open)
    }
    open.config.push(line)
  }
  return parts.length > 0 ? parts : [{ ...section, config: SshConfig.parse('') }]
}

async function readIncluded(
  value: Section['value'],
  context: IncludeContext,
  depth: number,
): Promise<Line[]> {
  const lines: Line[] = []
  for (const word of wordsOf(value)) {
    const expanded = word.startsWith('~/') ? join(context.home, word.slice(2)) : word
    const pattern = isAbsolute(expanded) ? expanded : join(context.folder, expanded)
    const paths: string[] = []
    for await (const path of listFiles(pattern)) paths.push(path)
    for (const path of paths.sort()) {
      lines.push(...(await readConfigFile(path, context, depth + 1)))
    }
  }
  return lines
}

function isSection(line: Line): line is Section {
  return 'config' in line
}

/** Match sections are judged by ssh-config, which knows the user and the host's real name. */
function matchesSection(section: Section, host: string): boolean {
  return !/^host$/i.test(section.param) || glob(wordsOf(section.value), host)
}

function wordsOf(value: Section['value']): string[] {
  return typeof value === 'string' ? [value] : value.map(({ val }) => val)
}

function withCanonicalName<L extends Extract<Line, { param: string }>>(line: L): L {
  const canonical = CANONICAL_NAMES.get(line.param.toLowerCase())
  return canonical === undefined ? line : { ...line, param: canonical }
}
