// What the configuration says about one host: first value wins, as `readconf.c` has it. Pure.
import { Problem } from '../../../shared/problem.ts'
import type { ConfigFile } from './files.ts'
import { harmlessKeywords, keywordRules } from './keywords.ts'
import { type ConfigLine, type Criterion, type SectionHead, unanswerableCriteria } from './lines.ts'
import { readTime } from './values.ts'
import { matchesPattern, matchesPatternList } from './words.ts'

export interface HostQuery {
  /** As typed. */
  readonly host: string
  readonly user?: string
  readonly localUser: string
  /** The name for `Match host`, from `HostName` as it stands. Throws a Problem for a token that is not known. */
  readonly expandHostName: (text: string) => string
  /** The name to connect to, from what the first pass has found. */
  readonly canonicalName: (values: ReadonlyMap<string, readonly string[]>) => Promise<string>
}

export interface HostSettings {
  readonly values: ReadonlyMap<string, readonly string[]>
  /** What of the configuration is not followed, for people. */
  readonly notes: readonly string[]
}

/**
 * One pass over the files, or two where `Match final` or a canonical name asks for it.
 * Throws `bad-input` for a line that counts for this host and cannot be used.
 */
export async function findSettings(files: readonly ConfigFile[], query: HostQuery): Promise<HostSettings> {
  const search = new SettingsSearch(query)
  for (const file of files) search.readFile(file)
  const name = await query.canonicalName(search.values)
  const canonicalize = search.values.get('canonicalizehostname')?.[0] ?? 'no'
  if (canonicalize !== 'no' || files.some(mentionsFinal)) {
    search.beginFinalPass(name)
    for (const file of files) search.readFile(file)
  }
  return { values: search.values, notes: [...search.notes] }
}

function mentionsFinal({ text, included }: ConfigFile): boolean {
  return text.mentionsFinal || [...included.values()].some(({ files }) => files.some(mentionsFinal))
}

class SettingsSearch {
  readonly values = new Map<string, string[]>()
  readonly notes = new Set<string>()
  readonly #query: HostQuery
  /** The real name once the first pass is over. */
  #finalName: string | undefined

  constructor(query: HostQuery) {
    this.#query = query
  }

  beginFinalPass(name: string): void {
    this.#finalName = name
  }

  readFile(file: ConfigFile): void {
    for (const { head, number, lines } of file.text.sections) {
      if (head !== undefined && !this.#fits(head, file.path, number)) continue
      for (const line of lines) this.#apply(line, file)
    }
  }

  #fits(head: SectionHead, path: string, number: number): boolean {
    if (head.kind === 'bad') {
      this.notes.add(`${path} line ${number} fits no host: ${head.reason}`)
      return false
    }
    // As typed, and by its real name once OpenSSH reads everything again.
    if (head.kind === 'host') return fitsHost(this.#finalName ?? this.#query.host, head.patterns)
    const { criteria } = head
    const unanswered = criteria.find(({ name }) => unanswerableCriteria.has(name))
    const answered = criteria.filter(({ name }) => !unanswerableCriteria.has(name))
    if (answered.some((criterion) => this.#holds(criterion) === criterion.isNegated)) return false
    if (unanswered === undefined) return true
    this.notes.add(`${path} line ${number} fits no host: Match ${unanswered.name} is never asked`)
    return false
  }

  #holds({ name, argument }: Criterion): boolean {
    const { host, user, localUser } = this.#query
    if (name === 'all') return true
    if (name === 'canonical' || name === 'final') return this.#finalName !== undefined
    if (name === 'host') return matchesPatternList(this.#hostName().toLowerCase(), argument.toLowerCase())
    if (name === 'originalhost') return matchesPatternList(host.toLowerCase(), argument.toLowerCase())
    if (name === 'localuser') return matchesPatternList(localUser, argument)
    if (name === 'tagged') return matchesPatternList(this.#first('tag') ?? '', argument)
    return matchesPatternList(user ?? this.#first('user') ?? localUser, argument)
  }

  #hostName(): string {
    if (this.#finalName !== undefined) return this.#finalName
    const named = this.#first('hostname')
    return named === undefined ? this.#query.host : this.#query.expandHostName(named)
  }

  #apply(line: ConfigLine, file: ConfigFile): void {
    const { keyword, number } = line
    const where = `${file.path} line ${number}`
    if (keyword === 'include') {
      const inclusion = file.included.get(number)
      for (const reason of inclusion?.left ?? []) this.notes.add(`${where}: left out ${reason}`)
      for (const each of inclusion?.files ?? []) this.readFile(each)
      return
    }
    const rule = keywordRules.get(keyword)
    if (rule === undefined) {
      if (harmlessKeywords.has(keyword) || this.#isIgnored(keyword)) return
      const reason = line.bad === undefined ? 'OpenSSH may know it' : line.bad
      this.notes.add(
        `${where}: ${keyword === '' ? 'the line' : keyword} is not understood and was ignored (${reason})`,
      )
      return
    }
    if (line.bad !== undefined) throw badLine(where, keyword, line.bad)
    this.#set(line, where)
  }

  #set({ keyword, rest, words }: ConfigLine, where: string): void {
    const { shape, read } = keywordRules.get(keyword) ?? { shape: 'word' }
    const texts = shape === 'line' ? [rest.replace(/^[ \t\r\n=]+/, '')] : words
    if (texts.length === 0 || texts.includes('')) throw badLine(where, keyword, 'it has no value')
    if (shape !== 'line' && shape !== 'words' && texts.length > 1)
      throw badLine(where, keyword, 'something follows its value')
    const values = texts.map((text) => {
      const value = read === undefined ? text : read(text)
      if (typeof value !== 'string') throw badLine(where, keyword, value.bad)
      return value
    })
    // OpenSSH keeps "none" as a time that was never set: a later line still counts.
    if (read === readTime && values[0] === 'none') return
    const known = this.values.get(keyword)
    if (shape === 'each') this.values.set(keyword, [...new Set([...(known ?? []), ...values])])
    else if (known === undefined && !this.#isOvertaken(keyword)) this.values.set(keyword, values)
  }

  /** Of ProxyJump and ProxyCommand the first one counts; `ProxyJump none` leaves room for a ProxyCommand. */
  #isOvertaken(keyword: string): boolean {
    if (keyword === 'proxyjump') return this.values.has('proxycommand')
    return keyword === 'proxycommand' && (this.#first('proxyjump') ?? 'none').toLowerCase() !== 'none'
  }

  #isIgnored(keyword: string): boolean {
    const patterns = this.#first('ignoreunknown')
    return patterns !== undefined && matchesPatternList(keyword, patterns.toLowerCase())
  }

  #first(keyword: string): string | undefined {
    return this.values.get(keyword)?.[0]
  }
}

function fitsHost(host: string, patterns: readonly string[]): boolean {
  let fits = false
  for (const pattern of patterns) {
    const isNegated = pattern.startsWith('!')
    if (!matchesPattern(host, isNegated ? pattern.slice(1) : pattern)) continue
    if (isNegated) return false
    fits = true
  }
  return fits
}

function badLine(where: string, keyword: string, reason: string): Problem {
  return new Problem('bad-input', `cannot use ${keyword} of the SSH configuration (${where}): ${reason}`)
}
