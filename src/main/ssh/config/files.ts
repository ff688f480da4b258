// Reads ~/.ssh/config and /etc/ssh/ssh_config with everything that they include. Nothing in them is ever run from here.
import { Problem } from '../../../shared/problem.ts'
import { quoteWord } from '../../../shared/text/shell-word.ts'
import { readTextFile } from '../text-file.ts'
import { listIncluded } from './include-paths.ts'
import { type ConfigLine, type ConfigText, parseConfigText } from './lines.ts'

const systemConfig = '/etc/ssh/ssh_config'
const maxIncludeDepth = 16
const maxFiles = 1000

export interface ConfigSource {
  /** `$HOME`; relative includes start in its `.ssh`. */
  readonly home: string
  /** Instead of `~/.ssh/config`. */
  readonly userConfig?: string
  /** Instead of `/etc/ssh/ssh_config`; empty leaves it out. */
  readonly systemConfig?: string
}

export interface ConfigFile {
  readonly path: string
  readonly text: ConfigText
  /** What each `Include` brought, by the number of its line. */
  readonly included: ReadonlyMap<number, Inclusion>
}

/** A file that cannot be read costs itself only: `left` says which and why. */
export interface Inclusion {
  readonly files: readonly ConfigFile[]
  readonly left: readonly string[]
}

/**
 * The user's file, then the system's. Throws a Problem when one of these two cannot be read, when others may write to
 * the user's, or when includes go round in circles.
 */
export async function readConfigFiles(source: ConfigSource): Promise<ConfigFile[]> {
  const reader = new ConfigReader(source.home)
  const user = await reader.read(source.userConfig ?? `${source.home}/.ssh/config`, true)
  const path = source.systemConfig ?? systemConfig
  const system = path === '' ? undefined : await reader.read(path, false)
  return [user, system].filter((file) => file !== undefined)
}

class ConfigReader {
  readonly #home: string
  #filesRead = 0

  constructor(home: string) {
    this.#home = home
  }

  async read(path: string, isUsers: boolean, depth = 0): Promise<ConfigFile | undefined> {
    this.#filesRead += 1
    if (depth > maxIncludeDepth) throw new Problem('bad-input', `cannot read ${path}: Include goes too deep`)
    if (this.#filesRead > maxFiles)
      throw new Problem('bad-input', `cannot read ${path}: more than ${maxFiles} files are included`)
    const text = await readConfigText(path, isUsers || depth > 0)
    if (text === undefined) return undefined
    const included = new Map<number, Inclusion>()
    for (const { lines } of text.sections) {
      for (const line of lines) {
        if (line.keyword === 'include') included.set(line.number, await this.#include(line, isUsers, depth))
      }
    }
    return { path, text, included }
  }

  async #include({ words }: ConfigLine, isUsers: boolean, depth: number): Promise<Inclusion> {
    const files: ConfigFile[] = []
    const left: string[] = []
    for (const word of words) {
      const pattern = this.#patternOf(word, isUsers)
      if (pattern === undefined) {
        left.push(`${word}: this kind of path cannot be included`)
        continue
      }
      for (const path of await listIncluded(pattern)) {
        try {
          const file = await this.read(path, isUsers, depth + 1)
          if (file !== undefined) files.push(file)
        } catch (error) {
          if (!(error instanceof Problem && error.code === 'not-permitted')) throw error
          left.push(error.message)
        }
      }
    }
    return { files, left }
  }

  #patternOf(word: string, isUsers: boolean): string | undefined {
    if (word === '') return undefined
    if (word.startsWith('~/') && isUsers) return `${this.#home}/${word.slice(2)}`
    if (word.startsWith('~')) return undefined
    return word.startsWith('/') ? word : `${isUsers ? `${this.#home}/.ssh` : '/etc/ssh'}/${word}`
  }
}

/** The last text of each file, parsed: a hundred hosts are looked up in the same one. Nobody changes what is parsed. */
const parsedTexts = new Map<string, { readonly text: string; readonly parsed: ConfigText }>()
const maxParsedTexts = 64

async function readConfigText(path: string, isChecked: boolean): Promise<ConfigText | undefined> {
  let file: Awaited<ReturnType<typeof readTextFile>>
  try {
    file = await readTextFile(path)
  } catch (error) {
    throw new Problem('not-permitted', `cannot read ${path}: ${(error as Error).message}`, { cause: error })
  }
  if (file === undefined) return undefined
  if (isChecked && file.text !== '') checkOwner(path, file)
  const known = parsedTexts.get(path)
  if (known?.text === file.text) return known.parsed
  const parsed = parseConfigText(file.text)
  if (parsedTexts.size >= maxParsedTexts) parsedTexts.clear()
  parsedTexts.set(path, { text: file.text, parsed })
  return parsed
}

/**
 * OpenSSH refuses a configuration that others can write, since it names programs to run. A group counts as others
 * unless it is the user's private one, as on Debian.
 */
function checkOwner(path: string, file: { mode: number; ownerId: number; groupId: number }): void {
  const userId = process.getuid?.()
  if (userId === undefined) return
  const isPrivateGroup = file.groupId === userId && process.getgid?.() === userId
  const isWritable = (file.mode & 0o002) !== 0 || ((file.mode & 0o020) !== 0 && !isPrivateGroup)
  if (!isWritable && (file.ownerId === 0 || file.ownerId === userId)) return
  throw new Problem('not-permitted', `cannot read ${path}: other users can write to it or own it`, {
    remedy: `OpenSSH refuses such a file too: chmod go-w ${quoteWord(path)}, and let it belong to you.`,
  })
}
