// Whether the page is being printed: paper has no window to scroll, and is white.
import { useSyncExternalStore } from 'react'
import { flushSync } from 'react-dom'

const paper = globalThis.matchMedia?.('print')

/** Drawn at once when it changes: the browser takes the page as it stands after its events. */
export function usePrinting(): boolean {
  return useSyncExternalStore(listenToPrinting, isPrinting)
}

function isPrinting(): boolean {
  return paper?.matches ?? false
}

function listenToPrinting(changed: () => void): () => void {
  const draw = () => flushSync(changed)
  paper?.addEventListener('change', draw)
  return () => paper?.removeEventListener('change', draw)
}
