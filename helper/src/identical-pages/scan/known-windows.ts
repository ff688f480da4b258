// What windows of guests' RAM were found to hold, kept from one scan to the next: where the page map of a window says
// the same as it did, and ksmd has finished no pass since, each of its pages lies in the same frame as before, and what
// was found of the frame still holds (see merged-frames.ts). Then the window need not be walked page by page.

export interface WindowFindings {
  /** Hash of the window's page-map entries. */
  readonly digest: bigint
  readonly presentPages: number
  /** Indexes of the frames of its merged pages. */
  readonly sites: Uint32Array
  /** Runs of private pages: from, to, counted from the window's start. Each scan reads them. */
  readonly privateRuns: readonly number[]
  /** Merged pages that are the only ones in their frame: their guest may write to them where they are. */
  readonly alone: readonly number[]
  readonly kernelZeroPages: number
}

interface KnownWindow {
  readonly findings: WindowFindings
  readonly scan: number
}

export class KnownWindows {
  readonly #windows = new Map<string, KnownWindow>()
  #scan = 0

  /** Forgets windows that the last scan did not visit, since their frames may be forgotten. */
  beginScan(): void {
    for (const [name, known] of this.#windows) if (known.scan !== this.#scan) this.#windows.delete(name)
    this.#scan += 1
  }

  /** Once frames are numbered anew: what windows hold is told by their numbers. */
  clear(): void {
    this.#windows.clear()
  }

  /** undefined: the window must be walked. */
  knownWindow(pid: number, start: number): WindowFindings | undefined {
    return this.#windows.get(nameOf(pid, start))?.findings
  }

  /** Keeps what this scan found. undefined: the next scan must walk the window. */
  keepWindow(pid: number, start: number, findings: WindowFindings | undefined): void {
    if (findings === undefined) this.#windows.delete(nameOf(pid, start))
    else this.#windows.set(nameOf(pid, start), { findings, scan: this.#scan })
  }
}

const nameOf = (pid: number, start: number) => `${pid} ${start}`
