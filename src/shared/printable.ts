// Text of others, made fit for logs, messages and terminals: it must not be able to drive them.

const esc = String.fromCharCode(27)
const bell = String.fromCharCode(7)
// CSI sequences, OSC strings, and the escapes of two characters.
const sequences = new RegExp(
  `${esc}(?:\\[[0-?]*[ -/]*[@-~]|\\][^${bell}${esc}]*(?:${bell}|${esc}\\\\)?|[@-Z\\\\^_])`,
  'g',
)
// Format characters too: those that turn the direction of text make it read as another.
const controls = /[^\P{Cc}\n\t]|\p{Cf}/gu

/** Without escape sequences, control and format characters; line ends and tabs stay. */
export function stripControls(text: string): string {
  return text.replace(sequences, '').replace(controls, '')
}

/** As `stripControls`, on one line of at most `limit` characters. */
export function oneLine(text: string, limit = 4096): string {
  return stripControls(text.replace(/\r\n?|\n/g, ' '))
    .replaceAll('\t', ' ')
    .trim()
    .slice(0, limit)
}
