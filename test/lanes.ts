// Lanes run beside each other; in a lane one part comes after the other.
import type { LaneTime } from './run-times.ts'

/** By its name; `after`: it begins once that part of another lane has ended, where there is one. */
export type LanePart = string | { readonly name: string; readonly after: string }
export type Lane = readonly LanePart[]

export interface LaneContext {
  /** After it nothing further is begun. */
  readonly interruption: AbortSignal
  /** Is told what each part took. */
  readonly onLane: (time: LaneTime) => void
}

/** Answers with what `run` answered, for each part that was begun. */
export async function runLanes<T>(
  lanes: readonly Lane[],
  run: (name: string) => Promise<T>,
  { interruption, onLane }: LaneContext,
): Promise<T[]> {
  const ends = new Map(lanes.flat().map((part) => [nameOf(part), Promise.withResolvers<void>()]))
  const runLane = async (lane: Lane): Promise<T[]> => {
    const answers: T[] = []
    for (const part of lane) {
      const name = nameOf(part)
      try {
        if (typeof part !== 'string') await ends.get(part.after)?.promise
        if (interruption.aborted) continue
        const began = performance.now()
        answers.push(await run(name))
        onLane({ lane: name, seconds: (performance.now() - began) / 1000 })
      } finally {
        ends.get(name)?.resolve()
      }
    }
    return answers
  }
  return (await Promise.all(lanes.map(runLane))).flat()
}

export function nameOf(part: LanePart): string {
  return typeof part === 'string' ? part : part.name
}
