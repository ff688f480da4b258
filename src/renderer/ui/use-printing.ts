// Whether the page is being printed: paper has no window to scroll, and is white.
import { useSyncExternalStore } from 'react'

const paper = globalThis.matchMedia?.('print')

/** What a store of React's tells is drawn before the browser goes on, so the page is on white when it is printed. */
export function usePrinting(): boolean {
  return useSyncExternalStore(listenToPrinting, isPrinting, isPrinting)
}

function isPrinting(): boolean {
  return paper?.matches ?? false
}

function listenToPrinting(changed: () => void): () => void {
  paper?.addEventListener('change', changed)
  return () => paper?.removeEventListener('change', changed)
}
