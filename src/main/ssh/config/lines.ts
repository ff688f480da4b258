// The text of one ssh_config file as sections of lines. Whatever cannot be read costs its own line or section. Pure.
import { keywordAliases } from './keywords.ts'
import { splitWords, takeWord, trimStart } from './words.ts'

export interface ConfigLine {
  /** From 1. */
  readonly number: number
  /** In lower case, older spellings replaced. */
  readonly keyword: string
  /** As it stands behind the keyword. */
  readonly rest: string
  readonly words: readonly string[]
  /** Why the line cannot be used, whatever its keyword; for people. */
  readonly bad?: string
}

export interface Criterion {
  readonly name: string
  readonly isNegated: boolean
  readonly argument: string
}

export type SectionHead =
  | { readonly kind: 'host'; readonly patterns: readonly string[] }
  | { readonly kind: 'match'; readonly criteria: readonly Criterion[] }
  /** It fits no host. */
  | { readonly kind: 'bad'; readonly reason: string }

export interface ConfigSection {
  /** Undefined for what stands before the first `Host` or `Match`. */
  readonly head: SectionHead | undefined
  /** Of the head. */
  readonly number: number
  readonly lines: readonly ConfigLine[]
}

export interface ConfigText {
  readonly sections: readonly ConfigSection[]
  /** A `Match final` makes OpenSSH read everything twice. */
  readonly mentionsFinal: boolean
}

/**
 * Sections in their order, the part before the first `Host` or `Match` included. Bad lines are kept with what is
 * wrong.
 */
export function parseConfigText(text: string): ConfigText {
  const sections: (ConfigSection & { readonly lines: ConfigLine[] })[] = [
    { head: undefined, number: 0, lines: [] },
  ]
  // OpenSSH refuses an editor's mark at the start; with it a first "Host" would be no head, and its lines everybody's.
  const lines = text.replace(/^\uFEFF/, '').split('\n')
  for (const [index, raw] of lines.entries()) {
    const line = parseLine(raw, index + 1)
    if (line === undefined) continue
    if (line.keyword === 'host') sections.push({ head: readHost(line), number: line.number, lines: [] })
    else if (line.keyword === 'match')
      sections.push({ head: readMatch(line), number: line.number, lines: [] })
    else sections.at(-1)?.lines.push(line)
  }
  const mentionsFinal = sections.some(
    ({ head }) => head?.kind === 'match' && head.criteria.some(({ name }) => name === 'final'),
  )
  return { sections, mentionsFinal }
}

function parseLine(raw: string, number: number): ConfigLine | undefined {
  // A NUL ends a line for OpenSSH, which is written in C.
  const line = trimEnd(raw.split('\0', 1)[0] ?? '')
  let taken = takeWord(line)
  // White space at the start counts as an empty word.
  if (taken?.word === '' && taken.rest !== undefined) taken = takeWord(taken.rest)
  if (taken?.word === '' || taken?.word.startsWith('#')) return undefined
  if (taken === undefined) return { number, keyword: '', rest: '', words: [], bad: 'a quote is not closed' }
  const written = taken.word.toLowerCase()
  const keyword = keywordAliases.get(written) ?? written
  const rest = trimStart(taken.rest ?? '')
  if (rest === '') return { number, keyword, rest, words: [], bad: 'it has no value' }
  const words = splitWords(rest)
  if (words === undefined) return { number, keyword, rest, words: [], bad: 'a quote is not closed' }
  return { number, keyword, rest, words }
}

/** As OpenSSH: a form feed counts as white space here, and nowhere else. */
function trimEnd(text: string): string {
  let end = text.length
  while (end > 0 && ' \t\r\n\f'.includes(text[end - 1] ?? '')) end -= 1
  return text.slice(0, end)
}

function readHost({ bad, words }: ConfigLine): SectionHead {
  if (bad !== undefined) return { kind: 'bad', reason: bad }
  if (words.includes('')) return { kind: 'bad', reason: 'a pattern is empty' }
  return { kind: 'host', patterns: words }
}

/** The rules for `all` are those of `match_cfg_line` in readconf.c. */
function readMatch({ bad, rest }: ConfigLine): SectionHead {
  if (bad !== undefined) return { kind: 'bad', reason: bad }
  const criteria: Criterion[] = []
  let left: string | undefined = rest
  while (left !== undefined) {
    const taken = takeWord(left)
    if (taken === undefined) return { kind: 'bad', reason: 'a quote is not closed' }
    if (taken.word === '' || taken.word.startsWith('#')) break
    const isNegated = taken.word.startsWith('!')
    const name = taken.word.slice(isNegated ? 1 : 0).toLowerCase()
    left = taken.rest
    if (name === 'all') {
      const next = left === undefined ? '' : (takeWord(left)?.word ?? '')
      if (criteria.length > 1 || (next !== '' && !next.startsWith('#')))
        return { kind: 'bad', reason: '"all" must be the only criterion' }
      criteria.push({ name, isNegated, argument: '' })
      break
    }
    if (name === 'canonical' || name === 'final') {
      criteria.push({ name, isNegated, argument: '' })
      continue
    }
    const argument = left === undefined ? undefined : takeWord(left)
    if (argument === undefined || argument.word === '' || argument.word.startsWith('#'))
      return { kind: 'bad', reason: `${name} has no value` }
    criteria.push({ name, isNegated, argument: argument.word })
    left = argument.rest
  }
  const unknown = criteria.find(({ name }) => !knownCriteria.has(name))
  if (unknown !== undefined) return { kind: 'bad', reason: `${unknown.name} is not a criterion` }
  return criteria.length === 0 ? { kind: 'bad', reason: 'it has no criterion' } : { kind: 'match', criteria }
}

/** What these depend on is unknown here, or needs a program: a section with one of them fits no host. */
export const unanswerableCriteria: ReadonlySet<string> = new Set([
  'exec',
  'localnetwork',
  'version',
  'command',
  'sessiontype',
])
const knownCriteria: ReadonlySet<string> = new Set([
  ...unanswerableCriteria,
  'all',
  'canonical',
  'final',
  'host',
  'originalhost',
  'user',
  'localuser',
  'tagged',
])
