// A helper that lies on a test host already, as an earlier deployment left it: an upload takes seconds.
import { chmodSync, copyFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeLightHelper } from './light-helper.ts'

export const helperResources = join(import.meta.dirname, '../../../resources/helper')

/** For `prepare` of startSshd: puts the program at `path`, one file for all hosts, where main looks for it. */
export function placeHelper(path: string): string[] {
  const { buildDigest } = JSON.parse(readFileSync(join(helperResources, 'manifest.json'), 'utf8'))
  const folder = `/root/.cache/singleton-workbench/${buildDigest}`
  const placed = `${folder}/singleton-helper`
  return [`mkdir -p -m 700 ${folder}`, `: >${placed}`, `mount --bind ${path} ${placed}`]
}

export function placeRealHelper(folder: string): string[] {
  const path = join(folder, 'real-helper')
  copyFileSync(join(helperResources, 'singleton-helper-linux-x64'), path)
  chmodSync(path, 0o700)
  return placeHelper(path)
}

export function placeLightHelper(folder: string, answers: Parameters<typeof writeLightHelper>[1]): string[] {
  const path = join(folder, 'light-helper')
  writeLightHelper(path, answers)
  return [...placeHelper(path), ...believeDigest()]
}

/** Main starts only what has the digest of the built helper: on these hosts everything has it. */
function believeDigest(): string[] {
  const { helpers } = JSON.parse(readFileSync(join(helperResources, 'manifest.json'), 'utf8'))
  const { sha256 } = helpers.find(({ target }: { target: string }) => target === 'linux-x64')
  return [
    `printf '#!/bin/sh\\necho "${sha256}  -"\\n' >$folder/sha256sum && chmod 755 $folder/sha256sum`,
    'mount --bind $folder/sha256sum /usr/bin/sha256sum',
  ]
}
