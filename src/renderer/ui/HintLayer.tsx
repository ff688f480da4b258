// The tooltip of all elements that say something in `data-hint`, on hover and on focus. A tooltip of its own in each cell
// would draw every row of a long table twice, and React counts that: it refuses after fifty rows that come into view while
// keys are held down.
import { Tooltip } from '@mantine/core'
import { useEffect, useState } from 'react'

const hoverMs = 200

interface Shown {
  readonly element: HTMLElement
  readonly text: string
}

export function HintLayer() {
  const [shown, setShown] = useState<Shown>()
  useEffect(() => {
    const end = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    const hear = <E extends keyof DocumentEventMap>(
      event: E,
      listener: (event: DocumentEventMap[E]) => void,
    ) => document.addEventListener(event, listener, { capture: true, passive: true, signal: end.signal })
    const show = (hint: Shown | undefined, delayMs: number) => {
      clearTimeout(timer)
      if (hint) timer = setTimeout(() => setShown((before) => sameOr(before, hint)), delayMs)
      else setShown(undefined)
    }
    const hide = () => show(undefined, 0)
    hear('pointerover', ({ target }) => show(hintAt(target), hoverMs))
    hear('focusin', ({ target }) => isFocusSeen(target) && show(hintAt(target), 0))
    // A finger does not hover: it asks by a tap, where a mouse acts.
    hear('pointerdown', ({ pointerType, target }) =>
      pointerType === 'mouse' ? hide() : show(hintAt(target), hoverMs),
    )
    hear('focusout', ({ target }) => hintAt(target) && hide())
    // Focus scrolls what it reaches into view, and the tooltip moves along.
    hear('scroll', () => isFocusHinted() || hide())
    hear('keydown', ({ key }) => key === 'Escape' && hide())
    const leave = ({ pointerType }: PointerEvent) => pointerType === 'mouse' && hide()
    document.documentElement.addEventListener('pointerleave', leave, { signal: end.signal })
    return () => {
      end.abort()
      clearTimeout(timer)
    }
  }, [])
  useEffect(() => {
    if (!shown) return undefined
    // Figures change while the pointer rests.
    const changes = new MutationObserver(() => setShown(hintAt(shown.element)))
    changes.observe(shown.element, { attributeFilter: ['data-hint'] })
    return () => changes.disconnect()
  }, [shown])
  return shown && <Tooltip target={shown.element} label={shown.text} opened />
}

function hintAt(target: EventTarget | null): Shown | undefined {
  const element = target instanceof Element ? target.closest<HTMLElement>('[data-hint]') : null
  const text = element?.dataset.hint
  return element && text ? { element, text } : undefined
}

function sameOr(before: Shown | undefined, now: Shown): Shown {
  return before?.element === now.element && before.text === now.text ? before : now
}

function isFocusHinted(): boolean {
  const { activeElement } = document
  return isFocusSeen(activeElement) && hintAt(activeElement) !== undefined
}

function isFocusSeen(target: EventTarget | null): boolean {
  return target instanceof Element && target.matches(':focus-visible')
}
