// Text of others, made fit for logs, messages, screens and terminals: it must not be able to drive or to fake them.
// Names of guests, paths, host names and whatever else a host says pass through here before a person reads them.

const esc = String.fromCharCode(27)
const bell = String.fromCharCode(7)
// CSI sequences, OSC strings, and the escapes of two characters.
const sequences = new RegExp(
  `${esc}(?:\\[[0-?]*[ -/]*[@-~]|\\][^${bell}${esc}]*(?:${bell}|${esc}\\\\)?|[@-Z\\\\^_])`,
  'g',
)
// Besides controls: format characters, which turn the direction of text (bidi) or have no width; other characters
// that show nothing, so that two names look alike; separators that browsers and editors break lines at; half pairs.
const invisible = /[^\P{Cc}\n\t]|\p{Cf}|\p{Default_Ignorable_Code_Point}|[\u2028\u2029]|\p{Cs}/gu
/** One character that shows nothing, or drives a terminal, in JSON: where line ends are ours. */
export const hasInvisible = /[^\P{Cc}\n]|\p{Cf}|\p{Default_Ignorable_Code_Point}|[\u2028\u2029]|\p{Cs}/gu
// The same set, and the ends of lines that are controls at the same time.
const lineEnds = /\r\n?|[\n\v\f\u0085\u2028\u2029]/g

// Nearly all texts are of these only: most of the fleet's samples need no search for classes of Unicode then.
const plainAscii = /^[\t\n -~]*$/

/** Without escape sequences, control, format and invisible characters; line ends (\n) and tabs stay. */
export function stripControls(text: string): string {
  if (plainAscii.test(text)) return text
  return text.replace(sequences, '').replace(invisible, '')
}

/** Each end of a line is a space; the rest stays as it is. */
export function joinToLine(text: string): string {
  return text.replace(lineEnds, ' ')
}

/** Like `stripControls`, on one line of at most `limit` characters. For names, paths and single log lines. */
export function oneLine(text: string, limit = 4096): string {
  return stripControls(joinToLine(text)).replaceAll('\t', ' ').trim().slice(0, limit)
}

/** A copy of a JSON value in which every text, keys included, went through `stripControls`. */
export function stripControlsDeep<T>(value: T): T
export function stripControlsDeep(value: unknown): unknown {
  if (typeof value === 'string') return stripControls(value)
  if (Array.isArray(value)) return value.map((item) => stripControlsDeep(item))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [stripControls(key), stripControlsDeep(item)]),
  )
}
