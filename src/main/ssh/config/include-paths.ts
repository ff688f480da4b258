// The files that one `Include` names: patterns of glob(7), in the order of their bytes.
import { lstat, readdir } from 'node:fs/promises'
import { matchesTokens } from './words.ts'

const magic = /[*?[\]\\]/
const maxPaths = 1000

/** What cannot be listed has no files in it. Throws for more than 1,000 files. */
export async function listIncluded(pattern: string): Promise<string[]> {
  const [root = '', ...segments] = pattern.split(/\/+/)
  let found = [root]
  for (const [index, segment] of segments.entries()) {
    const isLast = index === segments.length - 1
    const next: string[] = []
    for (const folder of found) next.push(...(await listSegment(folder, segment, isLast)))
    if (next.length > maxPaths) throw new Error(`${pattern} stands for more than ${maxPaths} files`)
    found = next
  }
  return found.sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)))
}

async function listSegment(folder: string, segment: string, isLast: boolean): Promise<string[]> {
  if (!magic.test(segment)) {
    const path = `${folder}/${segment}`
    return !isLast || (await isThere(path)) ? [path] : []
  }
  const tokens = parseGlob(segment)
  const names = await readdir(folder === '' ? '/' : folder).catch(() => [])
  const isWanted = (name: string) =>
    matchesGlob(name, tokens) && (!name.startsWith('.') || segment.startsWith('.'))
  return names.filter(isWanted).map((name) => `${folder}/${name}`)
}

/** A star, or what says whether a character fits. */
type GlobToken = '*' | ((character: string) => boolean)

function matchesGlob(name: string, tokens: readonly GlobToken[]): boolean {
  return matchesTokens(name, tokens.length, {
    isStar: (at) => tokens[at] === '*',
    fits: (at, character) => {
      const token = tokens[at]
      return typeof token === 'function' && token(character)
    },
  })
}

function parseGlob(segment: string): GlobToken[] {
  return (segment.match(/\[!?\]?(?:\[:[a-z]+:\]|[^\]])*\]|\\.|./gs) ?? []).map((text): GlobToken => {
    if (text === '*') return '*'
    if (text === '?') return () => true
    if (text.startsWith('[') && text.length > 1) return parseClass(text.slice(1, -1))
    const wanted = text.startsWith('\\') && text.length > 1 ? text.slice(1) : text
    return (character) => character === wanted
  })
}

/** The inside of `[a-f!]`, where only `!` negates: OpenSSH brings a glob of its own, also where the system's takes `^`. */
function parseClass(body: string): (character: string) => boolean {
  const isNegated = body.startsWith('!')
  const members = (isNegated ? body.slice(1) : body).match(/\[:[a-z]+:\]|.-.|./gs) ?? []
  const tests = members.map((member) => characterClasses.get(member as `[:${string}:]`) ?? isInRange(member))
  return (character) => isNegated !== tests.some((fits) => fits(character))
}

/** `a-f`, or one character; a range that runs backwards fits nothing. */
function isInRange(range: string): (character: string) => boolean {
  const first = range[0] ?? ''
  const last = range[2] ?? first
  return (character) => character >= first && character <= last
}

const characterClasses: ReadonlyMap<string, (character: string) => boolean> = new Map(
  Object.entries({
    alnum: /[A-Za-z0-9]/,
    alpha: /[A-Za-z]/,
    blank: /[ \t]/,
    digit: /[0-9]/,
    graph: /[!-~]/,
    lower: /[a-z]/,
    print: /[ -~]/,
    punct: /[!-/:-@[-`{-~]/,
    space: /[ \t-\r]/,
    upper: /[A-Z]/,
    xdigit: /[A-Fa-f0-9]/,
  }).map(([name, pattern]) => [`[:${name}:]`, (character) => pattern.test(character)]),
)

function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  )
}
