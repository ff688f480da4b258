// A row per image: what is resident now, joined with what the last assessment found. Pure.
import type { AssessedImage, HostView, SampledImage } from '../../shared/contract/index.ts'
import { imageKey, imageLabels } from '../../shared/text/image-labels.ts'

export interface ImageRow {
  /** Unique; the path is not where guests have their own mount namespaces. */
  readonly key: string
  /** The path, with more where another image has the same one. */
  readonly label: string
  readonly path: string
  readonly id?: string | undefined
  readonly sampled?: SampledImage
  readonly assessed?: AssessedImage
  readonly guests: readonly string[]
}

export function imageRows({ latest, assessment }: HostView): ImageRow[] {
  const names = new Map(assessment?.guests.map(({ pid, name }) => [pid, name]))
  const rows = new Map<string, Omit<ImageRow, 'label'>>()
  for (const assessed of assessment?.images ?? []) {
    const guests = assessed.guests.map((pid) => names.get(pid) ?? `pid ${pid}`)
    const key = imageKey(assessed)
    rows.set(key, { key, path: assessed.path, id: assessed.id, guests, assessed })
  }
  for (const sampled of latest?.images ?? []) {
    const key = imageKey(sampled)
    rows.set(key, { guests: [], ...rows.get(key), key, path: sampled.path, id: sampled.id, sampled })
  }
  const joined = [...rows.values()]
  const labels = imageLabels(joined)
  return joined.map((row, index) => ({ ...row, label: labels[index] ?? row.path }))
}
