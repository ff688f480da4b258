// Which npm packages the program needs to run: its dependencies and theirs, without what is optional.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

const needing = z.object({ dependencies: z.record(z.string(), z.string()).default({}) })

/** Paths below the root, such as node_modules/ssh2. Throws for one that is not installed. */
export function listRuntimePackages(root: string): string[] {
  const found = new Set<string>()
  const visit = (folder: string) => {
    const { dependencies } = needing.parse(
      JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')),
    )
    for (const name of Object.keys(dependencies)) {
      const path = resolve(root, folder, name)
      if (found.has(path)) continue
      found.add(path)
      visit(path)
    }
  }
  visit('.')
  return [...found].sort()
}

/** As Node finds it: nearest first. */
function resolve(root: string, from: string, name: string): string {
  const places = [join(from, 'node_modules', name), join('node_modules', name)]
  const place = places.find((path) => existsSync(join(root, path, 'package.json')))
  if (place === undefined) throw new Error(`cannot list what is needed: ${name} of ${from} is not installed`)
  return place
}
