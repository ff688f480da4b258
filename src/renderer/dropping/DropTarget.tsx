// A policy or a list of hosts, dropped anywhere on the window: shown first, and nothing is added or started by dropping.
import { useEffect, useState } from 'react'
import { useFleet } from '../store/use-fleet.ts'
import { later } from '../ui/later.tsx'
import { readTextFile } from '../ui/read-text-file.ts'
import { toastProblem } from '../ui/toasts.ts'
import classes from './DropTarget.module.css'
import { kindOfText } from './dropped-kind.ts'

const DroppedPolicy = later(async () => (await import('./DroppedPolicy.tsx')).DroppedPolicy)
const DroppedHosts = later(async () => (await import('./DroppedHosts.tsx')).DroppedHosts)

interface Dropped {
  readonly name: string
  readonly text: string
  readonly kind: 'policy' | 'inventory'
}

export function DropTarget() {
  const [dropped, setDropped] = useState<Dropped>()
  // A question of main is answered before anything else is begun.
  const isAsking = useFleet(({ prompts }) => prompts.length > 0)
  const isOver = useDrop(dropped === undefined && !isAsking, (file) => {
    readTextFile(file).then(
      (text) => setDropped({ name: file.name, text, kind: kindOfText(text) }),
      (error: unknown) => toastProblem(`Read ${file.name}`, error),
    )
  })
  const close = () => setDropped(undefined)
  return (
    <>
      {isOver && (
        <div className={classes.over} data-testid="drop-here">
          Drop a policy or a list of hosts
        </div>
      )}
      {dropped?.kind === 'policy' && <DroppedPolicy file={dropped} onClose={close} />}
      {dropped?.kind === 'inventory' && <DroppedHosts text={dropped.text} onClose={close} />}
    </>
  )
}

/**
 * Whether a file is held over the window. Every drop of a file is stopped: the browser would leave the page for it. What a
 * part of the page took for itself is left alone.
 */
function useDrop(isTaking: boolean, onFile: (file: File) => void): boolean {
  const [isOver, setOver] = useState(false)
  useEffect(() => {
    const over = (event: DragEvent) => {
      if (!hasFiles(event)) return
      setOver(isTaking && !event.defaultPrevented)
      event.preventDefault()
    }
    const leave = (event: DragEvent) => {
      if (event.relatedTarget === null) setOver(false)
    }
    const drop = (event: DragEvent) => {
      if (!hasFiles(event)) return
      setOver(false)
      const isTaken = event.defaultPrevented
      event.preventDefault()
      const file = event.dataTransfer?.files[0]
      if (isTaking && !isTaken && file) onFile(file)
    }
    addEventListener('dragover', over)
    addEventListener('dragleave', leave)
    addEventListener('drop', drop)
    return () => {
      removeEventListener('dragover', over)
      removeEventListener('dragleave', leave)
      removeEventListener('drop', drop)
    }
  }, [isTaking, onFile])
  return isOver
}

function hasFiles({ dataTransfer }: DragEvent): boolean {
  return dataTransfer?.types.includes('Files') ?? false
}
