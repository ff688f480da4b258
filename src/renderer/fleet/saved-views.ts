// Views of the fleet that a person keeps by name. Pure.
import { z } from 'zod'

const savedView = z.object({ name: z.string().min(1).max(60), query: z.string().max(4096) })
export type SavedView = z.infer<typeof savedView>
const maxViews = 50
const savedViews = z.array(savedView).max(maxViews)

/** Empty where nothing was kept, or something else has written there. */
export function readViews(text: string | undefined): readonly SavedView[] {
  if (text === undefined) return []
  try {
    return savedViews.parse(JSON.parse(text))
  } catch {
    return []
  }
}

/** A view of the same name is replaced; of too many the oldest goes. */
export function withView(views: readonly SavedView[], view: SavedView): SavedView[] {
  return [...views.filter(({ name }) => name !== view.name), view].slice(-maxViews)
}
