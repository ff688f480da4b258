// When trouble is told, and when not. Pure.
import { z } from 'zod'

const clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/)
const notifySettings = z.object({
  /** Outside of the browser’s window as well. */
  desktop: z.boolean(),
  /** Local time of day; equal: never quiet. */
  quietFrom: clock,
  quietTo: clock,
})
export type NotifySettings = z.infer<typeof notifySettings>

export const usualNotifySettings: NotifySettings = { desktop: false, quietFrom: '00:00', quietTo: '00:00' }

/** The usual where nothing was chosen, or something else has written there. */
export function readNotifySettings(text: string | undefined): NotifySettings {
  if (text === undefined) return usualNotifySettings
  try {
    return notifySettings.parse(JSON.parse(text))
  } catch {
    return usualNotifySettings
  }
}

/** Quiet hours may reach over midnight; the last minute named is not quiet. */
export function isQuiet({ quietFrom, quietTo }: NotifySettings, at: number): boolean {
  const now = new Date(at).toTimeString().slice(0, 5)
  if (quietFrom <= quietTo) return now >= quietFrom && now < quietTo
  return now >= quietFrom || now < quietTo
}
