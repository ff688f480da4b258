// Frames that KSM has merged, told apart by their number, with the sites that share each.

export class MergedFrames {
  private readonly indexes = new Map<number, number>()
  private readonly groups: number[] = []
  private readonly counts: number[] = []

  /** undefined: not seen yet, so its content is not known. */
  indexOf(frame: number): number | undefined {
    return this.indexes.get(frame)
  }

  add(frame: number, group: number): number {
    const index = this.groups.length
    this.indexes.set(frame, index)
    this.groups.push(group)
    this.counts.push(0)
    return index
  }

  groupOf(index: number): number {
    return this.groups[index] ?? 0
  }

  addSite(index: number): void {
    this.counts[index] = this.sites(index) + 1
  }

  /** Scanned sites that share the frame. */
  sites(index: number): number {
    return this.counts[index] ?? 0
  }
}
