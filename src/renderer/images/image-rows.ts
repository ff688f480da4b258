// A row per image: what is resident now, joined with what the last assessment found. Pure.
import type { AssessedImage, HostView, SampledImage } from '../../shared/contract/index.ts'

export interface ImageRow {
  readonly path: string
  readonly sampled?: SampledImage
  readonly assessed?: AssessedImage
  readonly guests: readonly string[]
}

export function imageRows({ latest, assessment }: HostView): ImageRow[] {
  const names = new Map(assessment?.guests.map(({ pid, name }) => [pid, name]))
  const rows = new Map<string, ImageRow>()
  for (const assessed of assessment?.images ?? []) {
    const guests = assessed.guests.map((pid) => names.get(pid) ?? `pid ${pid}`)
    rows.set(assessed.path, { path: assessed.path, guests, assessed })
  }
  for (const sampled of latest?.images ?? []) {
    rows.set(sampled.path, { guests: [], ...rows.get(sampled.path), path: sampled.path, sampled })
  }
  return [...rows.values()]
}
