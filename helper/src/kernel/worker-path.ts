// Where the code of this program's threads lies.

/**
 * The file of a worker, by its path below helper/src without its ending. In a compiled program it lies below the folder
 * that all entries share, which the build names.
 */
export function workerPath(name: string): string | URL {
  const isCompiled = import.meta.url.includes('/$bunfs/')
  return isCompiled
    ? `${process.env.SINGLETON_WORKER_FOLDER}/${name}.js`
    : new URL(`../${name}.ts`, import.meta.url)
}
