// This tab's key: it comes with the link that opened the tab, and stays for as long as the tab does. It is never in a
// request: fragments are not sent, and session storage belongs to this tab and this address alone.
import { type Bytes, decodeBytes, encodeBytes } from '../../shared/channel/page-key.ts'

const storageName = 'singleton-page-key'
const linkPattern = /^#link=([A-Za-z0-9_-]+)$/

/** Takes the key out of the address, so that neither history nor a shared address holds it. False: there is none. */
export function takeLink(page: Window): boolean {
  const text = linkPattern.exec(page.location.hash)?.[1]
  if (text === undefined) return false
  page.history.replaceState(null, '', '#/')
  page.sessionStorage.setItem(storageName, text)
  return true
}

export function readKey(page: Window): Bytes | undefined {
  return decodeBytes(page.sessionStorage.getItem(storageName) ?? '')
}

export function storeKey(page: Window, key: Bytes): void {
  page.sessionStorage.setItem(storageName, encodeBytes(key))
}
