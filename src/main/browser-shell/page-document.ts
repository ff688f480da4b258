// The one HTML document, with a number used once: only style elements that carry it apply.
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { StaticFile } from './static-files.ts'

/** What the build leaves where the number belongs: `html.cspNonce` of vite.renderer.config.ts. */
const placeholder = 'STYLE_NONCE'

export interface PageDocument {
  readonly content: string
  readonly nonce: string
}

/** Throws where the file cannot be read. */
export function readDocument({ path }: StaticFile): PageDocument {
  const nonce = randomBytes(16).toString('base64')
  return { content: readFileSync(path, 'utf8').replaceAll(placeholder, nonce), nonce }
}

/** Whether it is the page itself, which carries the number. */
export function isDocument({ mediaType }: StaticFile): boolean {
  return mediaType.startsWith('text/html')
}
