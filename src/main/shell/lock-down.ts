// What no page of this app may do, whatever it shows: leave, open windows, embed, ask for permissions.
import type { Session, WebContents } from 'electron'
import { isAppUrl } from './app-protocol.ts'

export type LockableContents = Pick<WebContents, 'setWindowOpenHandler'> & {
  on(event: 'will-navigate' | 'will-redirect', listener: (details: NavigationDetails) => void): unknown
  on(event: 'will-attach-webview', listener: (details: { preventDefault(): void }) => void): unknown
}

interface NavigationDetails {
  readonly url: string
  preventDefault(): void
}

export type LockableSession = Pick<Session, 'setPermissionRequestHandler' | 'setPermissionCheckHandler'>

interface CertifiedApp {
  on(
    event: 'certificate-error',
    listener: (
      event: { preventDefault(): void },
      contents: unknown,
      url: string,
      error: string,
      certificate: unknown,
      answer: (isTrusted: boolean) => void,
    ) => void,
  ): unknown
}

/** Refuses new windows, webviews and every address but the app's own. */
export function lockDownContents(contents: LockableContents): void {
  contents.setWindowOpenHandler(() => ({ action: 'deny' }))
  const stay = (details: NavigationDetails) => {
    if (!isAppUrl(details.url)) details.preventDefault()
  }
  contents.on('will-navigate', stay)
  contents.on('will-redirect', stay)
  contents.on('will-attach-webview', (details) => details.preventDefault())
}

/** Refuses every permission but one, to our own page: to tell trouble of hosts on the desktop. */
export function lockDownSession(session: LockableSession): void {
  session.setPermissionRequestHandler((_contents, permission, answer, { requestingUrl }) =>
    answer(permission === 'notifications' && isAppUrl(requestingUrl)),
  )
  session.setPermissionCheckHandler(
    (_contents, permission, origin) =>
      permission === 'notifications' && isAppUrl(`${origin.replace(/\/$/, '')}/`),
  )
}

/** Nothing of ours is fetched over TLS, so no certificate is taken on anybody's word. */
export function refuseBadCertificates(app: CertifiedApp): void {
  app.on('certificate-error', (event, _contents, _url, _error, _certificate, answer) => {
    event.preventDefault()
    answer(false)
  })
}
