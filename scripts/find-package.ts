/**
 * Where a package lies that another one needs, as Node finds it: nearest first. Paths are below the root, `from` is empty for
 * the root itself. undefined: it is not there. Pure except for `isThere`.
 */
export function findPackage(
  from: string,
  name: string,
  isThere: (path: string) => boolean,
): string | undefined {
  for (let folder = from; folder !== ''; folder = folderAbove(folder)) {
    const path = `${folder}/node_modules/${name}`
    if (isThere(path)) return path
  }
  const atTop = `node_modules/${name}`
  return isThere(atTop) ? atTop : undefined
}

/** The package inside which this one was installed; empty for the root. */
function folderAbove(folder: string): string {
  return folder.includes('/node_modules/') ? folder.slice(0, folder.lastIndexOf('/node_modules/')) : ''
}
