// app://workbench: the built renderer, from its own folder only, with the same headers as in the browser shell.
import { readFile } from 'node:fs/promises'
import { isDocument, readDocument } from '../browser-shell/page-document.ts'
import { findStaticFile, securityHeaders } from '../browser-shell/static-files.ts'

interface Frame {
  readonly url: string
  readonly parent: unknown
}

export const appScheme = 'app'
export const appOrigin = 'app://workbench'

/** Pages of this origin count as secure and have an origin of their own, unlike file://. */
export const appPrivileges = {
  scheme: appScheme,
  privileges: { standard: true, secure: true, supportFetchAPI: true },
} as const

/** Whether an address is of the app itself. */
export function isAppUrl(url: string): boolean {
  return URL.canParse(url) && url.startsWith(`${appOrigin}/`)
}

/** Only the top frame of our own page gets a port. */
export function maySpeak(frame: Frame | null): boolean {
  return frame !== null && frame.parent === null && isAppUrl(frame.url)
}

/** Answers one request for app://; everything but a file of the renderer is a 404. */
export async function answerAppRequest(rendererDirectory: string, url: string): Promise<Response> {
  const file = isAppUrl(url) ? findStaticFile(rendererDirectory, new URL(url).pathname) : undefined
  if (!file)
    return new Response('There is no such file.', { status: 404, headers: securityHeaders("'none'") })
  const document = isDocument(file) ? readDocument(file) : undefined
  const headers = securityHeaders("'none'", document?.nonce)
  const content = document ? Buffer.from(document.content) : await readFile(file.path)
  return new Response(new Uint8Array(content), {
    headers: { ...headers, 'content-type': file.mediaType, 'cache-control': 'no-store' },
  })
}
