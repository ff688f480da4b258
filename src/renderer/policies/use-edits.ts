// The text of an editor with undo and redo, by buttons and by keys.
import { type KeyboardEvent, useState } from 'react'
import { edit, redo, startEdits, undo } from './edits.ts'

/** `choose` takes a whole text, as the form makes it; `type` one that a person types. */
export function useEdits(start: string) {
  const [edits, setEdits] = useState(() => startEdits(start))
  const change = (text: string, isTyped: boolean) =>
    setEdits((before) => edit(before, text, performance.now(), isTyped))
  const actions = {
    undo: () => setEdits(undo),
    redo: () => setEdits(redo),
  }
  return {
    ...actions,
    text: edits.now,
    canUndo: edits.done.length > 0,
    canRedo: edits.undone.length > 0,
    choose: (text: string) => change(text, false),
    type: (text: string) => change(text, true),
    /** The browser's own undo knows nothing of what the form wrote. */
    onKey: (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey) return
      const key = event.key.toLowerCase()
      const act = key === 'y' || (key === 'z' && event.shiftKey) ? 'redo' : key === 'z' ? 'undo' : undefined
      if (act === undefined) return
      event.preventDefault()
      actions[act]()
    },
  }
}
