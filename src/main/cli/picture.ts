export interface Picture {
  readonly width: number
  readonly height: number
  /** RGB, three bytes a pixel. */
  readonly pixels: Uint8Array
}
