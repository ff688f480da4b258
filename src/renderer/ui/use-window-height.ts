import { useSyncExternalStore } from 'react'

/** In pixels, and right when it is drawn for the first time. */
export function useWindowHeight(): number {
  return useSyncExternalStore(listen, () => window.innerHeight)
}

function listen(listener: () => void): () => void {
  window.addEventListener('resize', listener)
  return () => window.removeEventListener('resize', listener)
}
