// How ssh_config(5) cuts a line into words and matches patterns. The rules are OpenSSH's own, odd ones included. Pure.

/** What OpenSSH trims and what separates a keyword from its value. */
const separators = ' \t\r\n'

export interface TakenWord {
  readonly word: string
  /** Undefined at the end of the line. */
  readonly rest: string | undefined
}

/**
 * The next word of a keyword or of a `Match` line: it ends at white space or at one `=`, and double quotes hold it
 * together. Undefined when a quote is not closed. Source: `strdelim` of misc.c.
 */
export function takeWord(text: string): TakenWord | undefined {
  const end = findAny(text, `${separators}"=`)
  if (end === -1) return { word: text, rest: undefined }
  if (text[end] === '"') {
    const close = text.indexOf('"', end + 1)
    if (close === -1) return undefined
    return { word: text.slice(0, end) + text.slice(end + 1, close), rest: trimStart(text.slice(close + 1)) }
  }
  const rest = trimStart(text.slice(end + 1))
  const isSplitByEquals = text[end] === '='
  return {
    word: text.slice(0, end),
    rest: !isSplitByEquals && rest.startsWith('=') ? trimStart(rest.slice(1)) : rest,
  }
}

/**
 * The words of a value: blanks separate them, either kind of quotes and backslashes hold them together, and `#` ends
 * the line only where a word would begin. Undefined when a quote is not closed. Source: `argv_split` of misc.c.
 */
export function splitWords(text: string): string[] | undefined {
  const words: string[] = []
  let at = 0
  while (at < text.length) {
    if (text[at] === ' ' || text[at] === '\t') {
      at += 1
      continue
    }
    if (text[at] === '#') break
    const word = readWord(text, at)
    if (word === undefined) return undefined
    words.push(word.text)
    at = word.end
  }
  return words
}

function readWord(text: string, start: number): { readonly text: string; readonly end: number } | undefined {
  const parts: string[] = []
  let quote = ''
  let at = start
  for (; at < text.length; at += 1) {
    const character = text[at] ?? ''
    if (character === '\\') {
      const next = text[at + 1] ?? ''
      const isEscape = next === "'" || next === '"' || next === '\\' || (quote === '' && next === ' ')
      if (isEscape) at += 1
      parts.push(isEscape ? next : character)
    } else if (quote === '' && (character === ' ' || character === '\t')) break
    else if (quote === '' && (character === '"' || character === "'")) quote = character
    else if (character === quote) quote = ''
    else parts.push(character)
  }
  return quote === '' ? { text: parts.join(''), end: at } : undefined
}

/** `*` and `?` only, in linear memory and at most quadratic time. The case of letters counts. */
export function matchesPattern(text: string, pattern: string): boolean {
  return matchesTokens(text, pattern.length, {
    isStar: (at) => pattern[at] === '*',
    fits: (at, character) => pattern[at] === '?' || pattern[at] === character,
  })
}

/** A pattern by the number of its tokens: each stands for any text, or for one character that it fits. */
export interface PatternTokens {
  readonly isStar: (token: number) => boolean
  readonly fits: (token: number, character: string) => boolean
}

/** Only the last star is ever tried again, which is enough and keeps the time quadratic. */
export function matchesTokens(text: string, length: number, tokens: PatternTokens): boolean {
  let at = 0
  let position = 0
  let star = -1
  let resume = 0
  while (position < text.length) {
    if (at < length && tokens.isStar(at)) {
      star = at
      at += 1
      resume = position
    } else if (at < length && tokens.fits(at, text[position] ?? '')) {
      at += 1
      position += 1
    } else if (star >= 0) {
      at = star + 1
      resume += 1
      position = resume
    } else return false
  }
  while (at < length && tokens.isStar(at)) at += 1
  return at === length
}

/** A comma list of patterns, where one `!pattern` that fits outweighs all others. */
export function matchesPatternList(text: string, list: string): boolean {
  const patterns = list.split(',')
  if (patterns.some((each) => each.startsWith('!') && matchesPattern(text, each.slice(1)))) return false
  return patterns.some((each) => !each.startsWith('!') && matchesPattern(text, each))
}

/** Takes off what OpenSSH takes for space; not what JavaScript does. */
export function trimStart(text: string): string {
  let at = 0
  while (at < text.length && separators.includes(text[at] ?? '')) at += 1
  return text.slice(at)
}

function findAny(text: string, characters: string): number {
  for (let at = 0; at < text.length; at += 1) if (characters.includes(text[at] ?? '')) return at
  return -1
}
