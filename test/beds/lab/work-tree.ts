// A source tree for guests to archive, search and compile: many small files, always the same ones.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export const workTree = { files: 24_000, folders: 600, programs: 400, meanBytes: 16_000 } as const
const words =
  'int return static const struct while if else buffer length offset page cache read write node'.split(' ')

/** Writes the tree; `seed` decides sizes and contents. */
export function writeWorkTree(folder: string, seed = 1): void {
  const random = createRandom(seed)
  const blocks = Array.from({ length: 64 }, () => textOf(4096, random))
  for (let index = 0; index < workTree.folders; index += 1)
    mkdirSync(join(folder, `part-${index % 20}`, `unit-${index}`), { recursive: true })
  for (let index = 0; index < workTree.files; index += 1) {
    const unit = index % workTree.folders
    const path = join(folder, `part-${unit % 20}`, `unit-${unit}`, `file-${index}`)
    if (index < workTree.programs) writeFileSync(`${path}.c`, programOf(index))
    else writeFileSync(`${path}.txt`, fileOf(sizeOf(random), blocks, index, random))
  }
}

/** Exponential: most files are small, some are not. */
function sizeOf(random: () => number): number {
  return Math.ceil(-Math.log(1 - random()) * workTree.meanBytes) + 64
}

function fileOf(bytes: number, blocks: readonly string[], index: number, random: () => number): string {
  let text = `/* file ${index} */\n`
  while (text.length < bytes) text += `${index} ${blocks[Math.floor(random() * blocks.length)]}\n`
  return text.slice(0, bytes)
}

function textOf(bytes: number, random: () => number): string {
  let text = ''
  while (text.length < bytes)
    text += `${words[Math.floor(random() * words.length)]} ${text.length % 9 === 0 ? '\n' : ''}`
  return text
}

function programOf(index: number): string {
  const body = Array.from(
    { length: 40 },
    (_, at) =>
      `int f${index}_${at}(int x) { int s = ${at}; for (int i = 0; i < x; i++) s += i * ${index + at}; return s; }`,
  )
  return `#include <stdio.h>\n#include <stdlib.h>\n${body.join('\n')}\n`
}

function createRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
