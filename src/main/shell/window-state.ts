// Where the window was, from one start to the next: a small file of ours, read as untrusted as any other.
import { readFileSync, writeFileSync } from 'node:fs'
import { z } from 'zod'

const whole = z.number().int()
const rectangle = z.object({ x: whole, y: whole, width: whole.min(1), height: whole.min(1) })
export type Rectangle = z.infer<typeof rectangle>

const windowState = z.object({ bounds: rectangle, isMaximized: z.boolean() })
export type WindowState = z.infer<typeof windowState>

/** Undefined where none was kept, or what was kept cannot be used. */
export function readWindowState(path: string): WindowState | undefined {
  try {
    return windowState.safeParse(JSON.parse(readFileSync(path, 'utf8'))).data
  } catch {
    return undefined
  }
}

/** Losing it costs nobody anything: a full disk must not keep the app from ending. */
export function keepWindowState(path: string, state: WindowState): void {
  try {
    writeFileSync(path, JSON.stringify(state), { mode: 0o600 })
  } catch (error) {
    console.error(`cannot keep the window's place: ${error instanceof Error ? error.message : error}`)
  }
}

/** As kept where enough of it lies on a screen to be grasped, else undefined: screens come and go. Pure. */
export function onAScreen(bounds: Rectangle, screens: readonly Rectangle[]): Rectangle | undefined {
  const grasp = 100
  const isSeen = screens.some(
    ({ x, y, width, height }) =>
      bounds.x + bounds.width >= x + grasp &&
      bounds.x <= x + width - grasp &&
      bounds.y >= y &&
      bounds.y <= y + height - grasp,
  )
  return isSeen ? bounds : undefined
}
