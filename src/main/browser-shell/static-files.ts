// Serves the built renderer: files below one folder and nothing else.
import { createReadStream, realpathSync, statSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { extname, join, sep } from 'node:path'

const mediaTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.json': 'application/json',
  '.map': 'application/json',
  '.woff2': 'font/woff2',
}

export interface StaticFile {
  readonly path: string
  readonly mediaType: string
  readonly sizeBytes: number
  /** Its name holds a digest of its content. */
  readonly immutable: boolean
}

/** Finds the file for a URL's path; undefined for everything outside of `root`, however it is spelled or linked. */
export function findStaticFile(root: string, urlPath: string): StaticFile | undefined {
  const decoded = decodePath(urlPath)
  if (decoded === undefined) return undefined
  try {
    const home = realpathSync(root)
    const path = realpathSync(join(home, decoded === '/' ? 'index.html' : decoded))
    const stats = statSync(path)
    const mediaType = mediaTypes[extname(path)]
    if (!path.startsWith(home + sep) || !stats.isFile() || mediaType === undefined) return undefined
    return { path, mediaType, sizeBytes: stats.size, immutable: /[/\\]assets[/\\]/.test(path) }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG') return undefined
    throw error
  }
}

/**
 * Security headers of every answer. Mantine writes style elements, which apply by the document's `nonce`; React sets single
 * styles through the object model, which no policy forbids. Text becomes HTML only where main.tsx of the renderer lets it.
 */
export function securityHeaders(connectTo: string, nonce?: string): Record<string, string> {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    nonce === undefined ? "style-src 'self'" : `style-src 'self' 'nonce-${nonce}'`,
    "require-trusted-types-for 'script'",
    'trusted-types default',
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    `connect-src ${connectTo}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ]
  return {
    'content-security-policy': policy.join('; '),
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), microphone=(), geolocation=()',
  }
}

/** Streams the file; cuts the connection where it cannot be read to its end. */
export function sendStaticFile(response: ServerResponse, file: StaticFile, withBody: boolean): void {
  response.writeHead(200, {
    'content-type': file.mediaType,
    'content-length': file.sizeBytes,
    'cache-control': file.immutable ? 'private, max-age=31536000, immutable' : 'no-store',
  })
  if (!withBody) {
    response.end()
    return
  }
  createReadStream(file.path)
    .on('error', (error) => response.destroy(error))
    .pipe(response)
}

function decodePath(urlPath: string): string | undefined {
  try {
    const decoded = decodeURIComponent(urlPath)
    return decoded.includes('\0') || decoded.includes('\\') || !decoded.startsWith('/') ? undefined : decoded
  } catch (error) {
    if (error instanceof URIError) return undefined
    throw error
  }
}
