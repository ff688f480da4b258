// /proc/<pid>/smaps
import { closeSync, openSync, readSync } from 'node:fs'
import { StringDecoder } from 'node:string_decoder'
import { setImmediate } from 'node:timers/promises'
import { Problem } from '../../../src/shared/problem.ts'
import { deviceOfMapping } from './device-number.ts'
import { type KernelRoot, processPath } from './kernel-root.ts'
import { processProblem } from './system-error.ts'
import { watchedRead } from './watched-read.ts'

export interface Mapping {
  readonly start: number
  readonly end: number
  /** As the kernel prints them: `rw-p`. */
  readonly permissions: string
  /** `major:minor` of the file system of the mapped file, as in mountinfo; `0:0` for anonymous memory. */
  readonly device: string
  /** 0 for anonymous memory. */
  readonly inode: number
  /** Path of the mapped file, a name in brackets, or empty for anonymous memory. */
  readonly name: string
  readonly anonHugePagesBytes: number
  /** Of a private file mapping: its pages that are no longer the file's. */
  readonly anonymousBytes: number
  /** Two-letter flags of VmFlags: `mg` mergeable, `sh` shared, `ht` hugetlb, `dc` not inherited by fork. */
  readonly flags: ReadonlySet<string>
}

/** Some 700 bytes for each mapping and up to 4 KiB for its path: QEMU has some thousands of short ones. */
const maxBytes = 32 * 2 ** 20
const partBytes = 256 * 2 ** 10

/**
 * Needs the right to trace the process (CAP_SYS_PTRACE). Walks its page tables: milliseconds per GiB. Throws
 * `not-supported` for one with more mappings than any guest needs: 65,530 with long paths have some 300 MB of text.
 */
export async function readSmaps(root: KernelRoot, pid: number): Promise<Mapping[]> {
  const path = processPath(root, pid, 'smaps')
  try {
    return await readParts(path, pid)
  } catch (error) {
    throw error instanceof Problem ? error : processProblem(error, `read the memory map of process ${pid}`)
  }
}

/** Part by part, with pauses in between. */
async function readParts(path: string, pid: number): Promise<Mapping[]> {
  const fd = watchedRead(pid, () => openSync(path, 'r'))
  try {
    const parser = new SmapsParser()
    const decoder = new StringDecoder('utf8')
    const part = Buffer.allocUnsafe(partBytes)
    for (let bytes = 0; bytes < maxBytes; ) {
      const bytesRead = watchedRead(pid, () => readSync(fd, part, 0, partBytes, null))
      if (bytesRead === 0) return parser.end()
      parser.addText(decoder.write(part.subarray(0, bytesRead)))
      bytes += bytesRead
      await setImmediate()
    }
  } finally {
    closeSync(fd)
  }
  throw new Problem('not-supported', `cannot read ${path}: it has more than ${maxBytes / 2 ** 20} MiB`)
}

const headLine = /^([0-9a-f]+)-([0-9a-f]+) (\S{4}) [0-9a-f]+ ([0-9a-f]+):([0-9a-f]+) (\d+) *([\s\S]*)$/

/** Mappings of /proc/<pid>/smaps in the order of addresses, in bytes. */
export function parseSmaps(text: string): Mapping[] {
  const parser = new SmapsParser()
  parser.addText(text)
  return parser.end()
}

class SmapsParser {
  readonly #mappings: Mapping[] = []
  #partial = ''
  #head: RegExpExecArray | null = null
  #anonHugePagesBytes = 0
  #anonymousBytes = 0

  addText(text: string): void {
    const lines = (this.#partial + text).split('\n')
    this.#partial = lines.pop() ?? ''
    for (const line of lines) this.#addLine(line)
  }

  end(): Mapping[] {
    this.#addLine(this.#partial)
    return this.#mappings
  }

  #addLine(line: string): void {
    if (line.startsWith('VmFlags:')) {
      if (this.#head !== null)
        this.#mappings.push(toMapping(this.#head, this.#anonHugePagesBytes, this.#anonymousBytes, line))
      this.#head = null
    } else if (line.startsWith('AnonHugePages:')) this.#anonHugePagesBytes = bytesOf(line)
    else if (line.startsWith('Anonymous:')) this.#anonymousBytes = bytesOf(line)
    else {
      this.#head = headLine.exec(line) ?? this.#head
    }
  }
}

function bytesOf(line: string): number {
  return Number(/\d+/.exec(line)?.[0]) * 1024
}

function toMapping(
  head: RegExpExecArray,
  anonHugePagesBytes: number,
  anonymousBytes: number,
  flagLine: string,
): Mapping {
  const [, start = '', end = '', permissions = '', major = '', minor = '', inode, name = ''] = head
  return {
    start: Number.parseInt(start, 16),
    end: Number.parseInt(end, 16),
    permissions,
    device: deviceOfMapping(major, minor),
    inode: Number(inode),
    name,
    anonHugePagesBytes,
    anonymousBytes,
    flags: new Set(flagLine.slice('VmFlags:'.length).trim().split(' ')),
  }
}
