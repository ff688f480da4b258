// Host patterns of Ansible: `web[01:03]:2222` is three hosts with a port. Rules and limits of its `parse_address`. Pure.
import { most } from '../../shared/contract/bounded.ts'
import { badLine, tooManyHosts } from './refusals.ts'

export interface HostPattern {
  readonly names: readonly string[]
  /** Written behind the name. */
  readonly port?: number
}

export const maxHosts = most.hosts
const maxPatternLength = 1024

const numbers = '\\[(?:[0-9]+:[0-9]+)(?::[0-9]+)?\\]'
const hexadecimals = '\\[(?:[0-9a-f]+:[0-9a-f]+)(?::[0-9]+)?\\]'
const alphanumerics = '\\[(?:[a-z]:[a-z]|[0-9]+:[0-9]+)(?::[0-9]+)?\\]'
const part4 = `(?:[01]?[0-9]{1,2}|2[0-4][0-9]|25[0-5]|${numbers})`
const part6 = `(?:[0-9a-f]{1,4}|${hexadecimals})`
const word = '[\\p{L}\\p{N}_]'
const label = `(?:${word}|${alphanumerics})(?:[\\p{L}\\p{N}_-]|${alphanumerics})*(?<![_-])`

const address4 = new RegExp(`^(?:${part4}\\.){3}${part4}$`, 'iu')
const hostName = new RegExp(`^${label}(?:\\.${label})*$`, 'iu')
const address6 = new RegExp(
  `^(?:${[
    `(?:${part6}:){7}${part6}`,
    `(?:${part6}:){1,6}:`,
    ...[1, 2, 3, 4, 5, 6].map((count) => `(?:${part6}:){${count}}(?::${part6}){1,${7 - count}}`),
    `:(?::${part6}){1,6}`,
    `${part6}?::`,
    `::(?:ffff:)?(?:${part6}\\.){3}${part6}`,
  ].join('|')})$`,
  'iu',
)

/** Throws `bad-input` naming the line, before anything large is built. */
export function expandHostPattern(pattern: string, line: number): HostPattern {
  if (pattern.length > maxPatternLength)
    throw badLine(line, `the name of a host is longer than ${maxPatternLength} characters`)
  const [, bracketed, bracketedPort] = /^\[(.+)\]:([0-9]+)$/.exec(pattern) ?? []
  const [, plain, plainPort] = /^((?:[^:[\]]|\[[^\]]*\])*):([0-9]+)$/.exec(pattern) ?? []
  const host = bracketed ?? plain
  const digits = bracketedPort ?? plainPort
  // What Ansible does not recognize it takes as a name, ports included.
  if (host === undefined || digits === undefined || !isRecognized(host)) {
    return { names: expandRanges(pattern, line) }
  }
  return { names: expandRanges(host, line), port: Number(digits) }
}

function isRecognized(host: string): boolean {
  return address4.test(host) || address6.test(host) || hostName.test(host)
}

/** `[01:10]`, `[a:f]` and `[1:9:2]`, any number of them: counted first, then written out. */
function expandRanges(pattern: string, line: number): string[] {
  const pieces: (readonly string[])[] = []
  let rest = pattern
  let count = 1
  for (;;) {
    const start = rest.indexOf('[')
    if (start === -1) break
    const end = rest.indexOf(']', start)
    if (end === -1) throw badLine(line, `${rest} has a bracket that is not closed`)
    const steps = listSteps(rest.slice(start + 1, end), line)
    pieces.push([rest.slice(0, start)], steps)
    count *= steps.length
    if (count > maxHosts) throw tooManyHosts(maxHosts, line)
    rest = rest.slice(end + 1)
  }
  return pieces
    .reduce<string[]>((names, texts) => names.flatMap((name) => texts.map((text) => name + text)), [''])
    .map((name) => name + rest)
}

const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'

function listSteps(range: string, line: number): string[] {
  const [first = '', last = '', step = '1', ...more] = range.split(':')
  const isNumeric = /^\d*$/.test(first) && /^\d+$/.test(last)
  const isAlphabetic =
    first.length === 1 && last.length === 1 && letters.includes(first) && letters.includes(last)
  if (more.length > 0 || (!isNumeric && !isAlphabetic) || !/^[1-9]\d{0,8}$/.test(step))
    throw badLine(line, `[${range}] is not a range`)
  const [from, to] = isNumeric
    ? [Number(first), Number(last)]
    : [letters.indexOf(first), letters.indexOf(last)]
  const isPadded = isNumeric && first.length > 1 && first.startsWith('0')
  if (isPadded && first.length !== last.length)
    throw badLine(line, `[${range}] begins and ends with different lengths`)
  if (to < from) throw badLine(line, `[${range}] is not a range: it runs backwards`)
  const count = Math.floor((to - from) / Number(step)) + 1
  if (count > maxHosts) throw tooManyHosts(maxHosts, line)
  return Array.from({ length: count }, (_, index) => {
    const value = from + index * Number(step)
    return isNumeric ? `${value}`.padStart(isPadded ? first.length : 1, '0') : (letters[value] ?? '')
  })
}
