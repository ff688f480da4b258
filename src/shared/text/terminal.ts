// The one way of text to a terminal, for the helper's command line and the workbench's: names, paths and messages of
// guests and hosts must not be able to drive it, to turn the direction of its text, or to fake lines of ours.
import { hasInvisible, joinToLine, oneLine, stripControls } from './printable.ts'

/** Of several lines that are ours; what was put into them went through `inLine` before. */
export function terminalText(text: string): string {
  return stripControls(text)
}

/** Lines of ours as one text: whatever was put into them, each stays one line. */
export function ownLines(lines: readonly string[]): string {
  return lines.map(joinToLine).join('\n')
}

/** A name, path or message within a line: without line breaks of its own, and never endless. */
export function inLine(text: string, limit = 1024): string {
  return oneLine(text, limit)
}

/** JSON that shows nothing invisible: such characters are escaped, so that a parser reads the same value. */
export function terminalJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, undefined, indent).replace(hasInvisible, (character) =>
    [...Array(character.length).keys()]
      .map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`)
      .join(''),
  )
}

export const clearStatus = '\r\u001b[K'

/** A line that the next one overwrites. */
export function statusLine(text: string, columns = 80): string {
  return `${clearStatus}${inLine(text, Math.max(1, columns - 1))}`
}
