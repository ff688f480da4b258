// Which npm packages the program needs to run: its dependencies and theirs, without what is optional.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { findPackage } from '../find-package.ts'

const needing = z.object({ dependencies: z.record(z.string(), z.string()).default({}) })

/** Paths below the root, such as node_modules/ssh2. Throws for one that is not installed. */
export function listRuntimePackages(root: string): string[] {
  const isInstalled = (path: string) => existsSync(join(root, path, 'package.json'))
  const found = new Set<string>()
  const visit = (folder: string) => {
    const { dependencies } = needing.parse(
      JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')),
    )
    for (const name of Object.keys(dependencies)) {
      const path = findPackage(folder, name, isInstalled)
      if (path === undefined)
        throw new Error(`cannot list what is needed: ${name} of ${folder || 'the app'} is not installed`)
      if (found.has(path)) continue
      found.add(path)
      visit(path)
    }
  }
  visit('')
  return [...found].sort()
}
