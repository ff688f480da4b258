// Which functions ask the kernel themselves, by files or the C library, and which of them do not say where or by what right.
import { listImports, type SourceFile } from './import-graph.mjs'
import { listDeclarations, listExportedFunctions } from './source-shape.ts'

const calls = ['libc', 'ioctl', 'systemCall'].map((name) => `helper/src/kernel/libc.ts#${name}`)
const place = String.raw`/(proc|sys|etc)\b|\b[a-z]\w*\(\d\)|Documentation/`
const privilege = String.raw`\bneeds?\b|privilege|\bCAP_`

/** A kernel file, a call's manual page, or the kernel's documentation. */
export const source = new RegExp(place)
/** As `source`, or the privilege that is needed, `no privilege` too. */
export const sourceOrPrivilege = new RegExp(`${place}|${privilege}`, 'i')

/** `file#name` of what in these files asks the kernel, or calls what does. */
export function findKernelReaders(files: readonly SourceFile[]): ReadonlySet<string> {
  const found = new Set(calls)
  let before = 0
  while (before < found.size) {
    before = found.size
    for (const file of files) {
      const readers = importedReaders(file, found)
      for (const { name, mentions } of listDeclarations(file))
        if (readers.some((reader) => mentions.has(reader))) found.add(`${file.path}#${name}`)
    }
  }
  return found
}

/**
 * Exported functions and methods that mention one of `readers`, themselves or through what of their own file they call, and
 * whose comment, or that of their class or at the top of their file, does not match. Each as `path:line name`.
 */
export function findSilent(
  files: readonly SourceFile[],
  readers: ReadonlySet<string>,
  says: RegExp,
): string[] {
  return files.flatMap((file) => {
    const imported = importedReaders(file, readers)
    const isSaid = (comments: readonly (string | undefined)[]) => says.test(comments.join('\n'))
    return listExportedFunctions(file)
      .filter(({ mentions }) => imported.some((name) => mentions.has(name)))
      .filter(({ comment, classComment }) => !isSaid([comment, classComment, headOf(file)]))
      .map(({ at }) => at)
  })
}

function importedReaders(file: SourceFile, readers: ReadonlySet<string>): string[] {
  const isReader = (from: string, name: string) =>
    from.startsWith('node:fs') || readers.has(`${from}#${name}`)
  return listImports(file).flatMap(({ to, names }) => names.filter((name) => isReader(to, name)))
}

/** What a file says of itself before its imports. */
function headOf({ text }: SourceFile): string {
  return /^(?:\/\/.*\n)*/.exec(text)?.[0] ?? ''
}
