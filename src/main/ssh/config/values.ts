// The values of ssh_config(5) that are no plain text: times, numbers, ports and words of a closed list. Pure.

/** What is wrong with a value, for people: it completes "cannot use Port: …". */
export interface BadValue {
  readonly bad: string
}

const unitSeconds: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 }
const maxInteger = 2_147_483_647

/** `90`, `1m` or `1h30m`, in seconds; undefined for what is no time. Source: `convtime` of misc.c. */
export function parseSeconds(text: string): number | undefined {
  if (!/^(\d+[smhdw])*(\d+[smhdw]?)$/i.test(text)) return undefined
  let total = 0
  for (const [, digits = '', unit = ''] of text.matchAll(/(\d+)([smhdw]?)/gi)) {
    total += Number(digits) * (unitSeconds[unit.toLowerCase()] ?? 1)
  }
  return total <= maxInteger ? total : undefined
}

/** Seconds as text, or `none`, as ssh_config(5) writes times. */
export function readTime(text: string): string | BadValue {
  if (text === 'none') return text
  const seconds = parseSeconds(text)
  return seconds === undefined ? { bad: `${JSON.stringify(text)} is not a time` } : `${seconds}`
}

/** Leading blanks, a plus sign and leading zeros are fine, as for strtonum(3). */
export function readInteger(text: string): string | BadValue {
  const value = /^\s*\+?\d{1,12}$/.test(text) ? Number(text) : Number.NaN
  return value <= maxInteger ? `${value}` : { bad: `${JSON.stringify(text)} is not a number` }
}

/** OpenSSH takes names of services too; of these only `ssh` is known here. */
export function readPort(text: string): string | BadValue {
  if (text === 'ssh') return '22'
  const value = /^\s*\+?\d{1,12}$/.test(text) ? Number(text) : 0
  return value >= 1 && value <= 65_535
    ? `${value}`
    : { bad: `${JSON.stringify(text)} is not a number from 1 to 65535` }
}

/** `words` maps what may be written to what it means. */
function readChoice(words: Readonly<Record<string, string>>): (text: string) => string | BadValue {
  return (text) => {
    const word = text.toLowerCase()
    const meaning = Object.hasOwn(words, word) ? words[word] : undefined
    return meaning ?? { bad: `${JSON.stringify(text)} is not one of ${Object.keys(words).join(', ')}` }
  }
}

const yesOrNo = { yes: 'yes', no: 'no', true: 'yes', false: 'no' }
export const readFlag = readChoice(yesOrNo)
export const readStrictness = readChoice({ ...yesOrNo, ask: 'ask', off: 'no', 'accept-new': 'accept-new' })
export const readAddressFamily = readChoice({ any: 'any', inet: 'inet', inet6: 'inet6' })
export const readCanonicalize = readChoice({ ...yesOrNo, always: 'always' })
export const readPublicKeyUse = readChoice({ ...yesOrNo, unbound: 'yes', 'host-bound': 'yes' })
