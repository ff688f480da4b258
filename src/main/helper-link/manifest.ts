// The helpers that are built, as helper/build.mjs lists them in manifest.json.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { Problem } from '../../shared/problem.ts'

const hexDigest = z.string().regex(/^[0-9a-f]{8,128}$/)
const builtHelper = z.object({
  target: z.string(),
  /** In the manifest's folder; `.gz` of it lies beside. */
  file: z.string().regex(/^[\w.-]+$/),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.number().int().positive(),
  gzipBytes: z.number().int().positive(),
})
export type BuiltHelper = z.infer<typeof builtHelper>

const manifestSchema = z.object({ buildDigest: hexDigest, helpers: z.array(builtHelper) })
export type HelperManifest = z.infer<typeof manifestSchema>

/** What decides which helper can run on a host. */
export interface MachineKind {
  /** As `uname -m` says. */
  readonly machine: string
  readonly libc: 'glibc' | 'musl' | 'unknown'
  readonly hasAvx2: boolean
}

const buildRemedy = 'Build it with: npm run build:helper'
const buildAllRemedy = 'Build the helpers for all kinds of host with: npm run build:helper -- --all'

/**
 * The helpers that this workbench carries. Rejects with `not-found` where none is built, `bad-input` where the file
 * is broken.
 */
export async function readManifest(directory: string): Promise<HelperManifest> {
  const path = join(directory, 'manifest.json')
  try {
    return manifestSchema.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    const reason = isMissing ? 'the helper is not built' : (error as Error).message.slice(0, 500)
    const options = { remedy: buildRemedy, cause: error }
    throw new Problem(isMissing ? 'not-found' : 'bad-input', `cannot read ${path}: ${reason}`, options)
  }
}

/** Throws `not-supported`, naming what the host has and which helper would run there. */
export function pickHelper(manifest: HelperManifest, kind: MachineKind, label: string): BuiltHelper {
  const target = chooseTarget(kind)
  if (target === undefined) {
    throw new Problem(
      'not-supported',
      `cannot run the helper on ${label}: its processor is ${kind.machine}; there are helpers for x86_64 and aarch64`,
    )
  }
  const built = manifest.helpers.find((helper) => helper.target === target)
  if (built !== undefined) return built
  const { machine, libc } = kind
  const processor = target === 'linux-x64-baseline' ? `${machine} without AVX2` : machine
  throw new Problem(
    'not-supported',
    `cannot run the helper on ${label}: it is ${processor} with ${libc}, which needs singleton-helper-${target}, and that is not built`,
    { remedy: buildAllRemedy },
  )
}

/** Where the C library could not be told, glibc is the likely one. */
function chooseTarget({ machine, libc, hasAvx2 }: MachineKind): string | undefined {
  const suffix = libc === 'musl' ? '-musl' : ''
  if (machine === 'aarch64' || machine === 'arm64') return `linux-arm64${suffix}`
  if (machine !== 'x86_64' && machine !== 'amd64') return undefined
  return suffix === '' && !hasAvx2 ? 'linux-x64-baseline' : `linux-x64${suffix}`
}
