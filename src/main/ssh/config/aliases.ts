// Hosts that a configuration names, so that they can be offered. Pure.
import { isHostName } from '../address.ts'
import type { ConfigFile } from './files.ts'

/** Names in `Host` lines that are neither patterns nor negated, in order of appearance, each once. */
export function listAliases(files: readonly ConfigFile[]): string[] {
  const names = files.flatMap(({ text, included }) =>
    text.sections.flatMap(({ head, lines }) => [
      ...(head?.kind === 'host' ? head.patterns : []),
      ...lines.flatMap(({ number }) => listAliases(included.get(number)?.files ?? [])),
    ]),
  )
  return [...new Set(names)].filter(isHostName)
}
