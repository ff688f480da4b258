// The words of docs/glossary.md, of which the page shows the table. Pure.

export interface Word {
  readonly word: string
  readonly meaning: string
}

/** Rows of the first table of a Markdown text, without its marks. */
export function parseGlossary(text: string): Word[] {
  return text
    .split(/\r?\n/)
    .filter((line) => line.startsWith('| ') && !line.startsWith('| word '))
    .map((line) => line.slice(2, line.lastIndexOf('|')).split(' | '))
    .map(([word = '', ...meaning]) => ({ word: plain(word), meaning: plain(meaning.join(' | ')) }))
}

function plain(text: string): string {
  return text.replaceAll(/[*`]/g, '').trim()
}
