// Where the code of a worker thread lies.

/**
 * The file of a worker: `NAME.ts` beside the module `from` (its import.meta.url) in the source. In the build each worker is
 * a bundle of its own, `NAME.js`, and lies beside those of all other code.
 */
export function workerFile(name: string, from: string): URL {
  return new URL(`./${name}${from.endsWith('.ts') ? '.ts' : '.js'}`, from)
}
