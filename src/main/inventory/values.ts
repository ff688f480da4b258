// How Ansible's INI inventories write words and values: the shell's quoting, then literals of Python. Pure.

/** `null` is Python's None: the variable is there and says nothing, so it hides that of a group. */
export type Value = string | null

/** The words of a host's line; `#` starts a comment anywhere. Undefined for a quote that is not closed. As `shlex`. */
export function splitShellWords(text: string): string[] | undefined {
  const words: string[] = []
  let word: string | undefined
  let quote = ''
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? ''
    if (quote !== '') {
      if (character === quote) quote = ''
      else if (character === '\\' && quote === '"' && /["\\]/.test(text[at + 1] ?? ''))
        word += text[++at] ?? ''
      else word += character
    } else if (character === '#') break
    else if (' \t\r\n'.includes(character)) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else if (character === '"' || character === "'") {
      quote = character
      word ??= ''
    } else if (character === '\\') {
      if (at + 1 >= text.length) return undefined
      word = (word ?? '') + text[++at]
    } else word = (word ?? '') + character
  }
  if (quote !== '') return undefined
  return word === undefined ? words : [...words, word]
}

const comment = '\\s*(?:#.*)?$'
const quoted = new RegExp(`^(?:"((?:[^"\\\\]|\\\\.)*)"|'((?:[^'\\\\]|\\\\.)*)')${comment}`, 's')
const decimal = new RegExp(`^([+-]?\\d+\\.\\d*)${comment}`)
const integer = new RegExp(`^([+-]?)(0x[\\da-f]+|0o[0-7]+|0b[01]+|0|[1-9]\\d*)${comment}`, 'i')
const keyword = new RegExp(`^(None|True|False)${comment}`)

/** What is no literal stands for itself. Lists and maps do too: no address is one. */
export function readLiteral(text: string): Value {
  const [, double, single] = quoted.exec(text) ?? []
  const body = double ?? single
  // What Python cannot read stays as it is written, quotes included.
  if (body !== undefined) return readEscapes(body) ?? text
  const [, sign = '', digits] = integer.exec(withoutSeparators(text)) ?? []
  if (digits !== undefined) return `${BigInt(sign === '-' ? -1 : 1) * BigInt(digits)}`
  const [, fraction] = decimal.exec(text) ?? []
  if (fraction !== undefined) return asPythonFloat(Number(fraction))
  const [, word] = keyword.exec(text) ?? []
  return word === 'None' ? null : (word ?? text)
}

const escapes = new Map(
  Object.entries({ a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', '\n': '' }),
)

/** Undefined for an escape that Python refuses, as the one in "DOMAIN\\user"; one that it does not know stays. */
function readEscapes(body: string): string | undefined {
  const sequence = /\\(?:([0-7]{1,3})|x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|(.))/gs
  let isRefused = false
  const text = body.replace(sequence, (found, octal, x, u, long, character) => {
    if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8))
    const digits = x ?? u ?? long
    const point = digits === undefined ? undefined : Number.parseInt(digits, 16)
    if (point !== undefined && point <= 0x10_ffff) return String.fromCodePoint(point)
    if (point !== undefined || 'xuUN'.includes(character)) isRefused = true
    return `'"\\`.includes(character) ? character : (escapes.get(character) ?? found)
  })
  return isRefused ? undefined : text
}

/** 10.0 stays 10.0, and 1.10 becomes 1.1. */
function asPythonFloat(value: number): string {
  return Number.isInteger(value) ? value.toFixed(1) : `${value}`
}

/** `1_000` is a number, `_1` and `1__0` are not. */
function withoutSeparators(text: string): string {
  return text.replace(/(?<=[\da-f])_(?=[\da-f])/gi, '')
}
