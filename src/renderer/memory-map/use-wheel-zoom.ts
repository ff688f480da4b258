// The wheel zooms at the pointer (a pinch on a touch pad arrives as a wheel with Ctrl), Shift and the wheel move; two fingers
// on a screen zoom as well. Not by React's handlers: those cannot keep the page from scrolling.
import { type RefObject, useEffect } from 'react'

const wheelStep = 0.0016

export function useWheelZoom(
  field: RefObject<HTMLElement | null>,
  zoom: (factor: number, center: number) => void,
  move: (by: number) => void,
): void {
  useEffect(() => {
    const element = field.current
    if (!element) return
    const shareOf = (x: number) => {
      const { left, width } = element.getBoundingClientRect()
      return Math.min(1, Math.max(0, (x - left) / Math.max(1, width)))
    }
    const onWheel = (event: WheelEvent) => {
      event.preventDefault()
      if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        move((event.deltaX || event.deltaY) / Math.max(1, element.clientWidth))
      } else zoom(Math.exp(-event.deltaY * wheelStep * (event.ctrlKey ? 6 : 1)), shareOf(event.clientX))
    }
    let apart = 0
    const onTouch = (event: TouchEvent) => {
      const [first, second] = [event.touches[0], event.touches[1]]
      if (!first || !second) {
        apart = 0
        return
      }
      event.preventDefault()
      const distance = Math.max(1, Math.hypot(first.clientX - second.clientX, first.clientY - second.clientY))
      if (apart > 0) zoom(distance / apart, shareOf((first.clientX + second.clientX) / 2))
      apart = distance
    }
    const end = () => {
      apart = 0
    }
    element.addEventListener('wheel', onWheel, { passive: false })
    element.addEventListener('touchmove', onTouch, { passive: false })
    element.addEventListener('touchend', end)
    return () => {
      element.removeEventListener('wheel', onWheel)
      element.removeEventListener('touchmove', onTouch)
      element.removeEventListener('touchend', end)
    }
  }, [field, zoom, move])
}
