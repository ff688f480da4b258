// How an image is told from another that has the same path in another mount namespace.

export interface NamedImage {
  readonly path: string
  /** Identity: device, inode and generation. Absent: an earlier helper wrote the document. */
  readonly id?: string | undefined
}

/** What rows, ledgers and reports are keyed by. */
export function imageKey({ id, path }: NamedImage): string {
  return id ?? path
}

/** Longest path of a contract's value. */
const maxLabelLength = 4096

/** For each image, in order: its path, and its identity behind it where another image has the same path. */
export function imageLabels(images: readonly NamedImage[]): string[] {
  const keysOfPath = new Map<string, Set<string>>()
  for (const image of images) {
    const keys = keysOfPath.get(image.path) ?? new Set()
    keysOfPath.set(image.path, keys.add(imageKey(image)))
  }
  const labels = images.map((image) =>
    (keysOfPath.get(image.path)?.size ?? 0) > 1 ? withId(image) : image.path,
  )
  // A guest may give a file the label of another.
  const used = new Map<string, number>()
  for (const label of labels) used.set(label, (used.get(label) ?? 0) + 1)
  return images.map((image, index) => {
    const label = labels[index] ?? image.path
    return label === image.path && (used.get(label) ?? 0) > 1 ? withId(image) : label
  })
}

function withId(image: NamedImage): string {
  if (image.id === undefined) return image.path
  const suffix = ` [${image.id}]`
  return image.path.slice(0, maxLabelLength - suffix.length) + suffix
}
