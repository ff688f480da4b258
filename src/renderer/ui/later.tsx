// Parts of the page whose code is not needed for the first paint: loaded once that is done, or when they are shown.
import { type ComponentType, useEffect, useState } from 'react'
import { Notice } from './Notice.tsx'
import { RetryButton } from './RetryButton.tsx'

class LaterPart<P extends object> {
  readonly #fetch: () => Promise<ComponentType<P>>
  readonly #arrival = Promise.withResolvers<void>()
  #loading: Promise<void> | undefined
  code: ComponentType<P> | undefined

  constructor(fetch: () => Promise<ComponentType<P>>) {
    this.#fetch = fetch
  }

  /** Resolves when the code is there, whoever asked for it. */
  get arrival(): Promise<void> {
    return this.#arrival.promise
  }

  /** Rejects where the code cannot be loaded; the next call tries again. */
  readonly load = (): Promise<void> => {
    this.#loading ??= this.#fetch().then(
      (code) => {
        this.code = code
        this.#arrival.resolve()
      },
      (error: unknown) => {
        this.#loading = undefined
        throw error
      },
    )
    return this.#loading
  }
}

const parts: { load(): Promise<void> }[] = []

/**
 * A component whose code `fetch` loads. Unlike React's own `lazy` it is drawn at once when its code is there, without a
 * fallback that React would then keep for 300 ms. `isShown` false: with these props there is nothing to see, such as a
 * closed dialog, so they load nothing, and draw when the code has come by itself.
 */
export function later<P extends object>(
  fetch: () => Promise<ComponentType<P>>,
  isShown: (props: P) => boolean = () => true,
): ((props: P) => React.JSX.Element) & { readonly load: () => Promise<void> } {
  const part = new LaterPart(fetch)
  parts.push(part)
  return Object.assign((props: P) => <Drawn part={part} of={props} isShown={isShown(props)} />, {
    load: part.load,
  })
}

/** Loads every part in turn, so that nothing waits for it later and all of it is there should the link be lost. */
export async function loadAllParts(): Promise<void> {
  for (const { load } of parts) await load().catch(() => undefined)
}

interface DrawnProps<P extends object> {
  readonly part: LaterPart<P>
  readonly of: P
  readonly isShown: boolean
}

function Drawn<P extends object>({ part, of, isShown }: DrawnProps<P>) {
  const [state, setState] = useState<'loading' | 'loaded' | 'failed' | 'retrying'>('loading')
  const isAsked = state === 'loading' || state === 'retrying'
  const isWanted = part.code === undefined && isAsked && isShown
  useEffect(() => {
    if (isWanted) part.load().catch(() => setState('failed'))
    void part.arrival.then(() => setState('loaded'))
  }, [isWanted, part])
  const Code = part.code
  if (Code) return <Code {...of} />
  if (state !== 'failed' && state !== 'retrying') return null
  return <NotLoaded busy={state === 'retrying'} onRetry={() => setState('retrying')} />
}

/** The browser shell was stopped, or was replaced by another version with other files. */
function NotLoaded({ busy, onRetry }: { readonly busy: boolean; readonly onRetry: () => void }) {
  return (
    <Notice
      tone="bad"
      title="This part of the workbench could not be loaded"
      testId="not-loaded"
      aside={<RetryButton busy={busy} onRetry={onRetry} />}
    >
      The program that serves this page does not answer, or has been replaced by another version. Reload the
      page if trying again does not help.
    </Notice>
  )
}
