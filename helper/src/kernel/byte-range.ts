/** A run of bytes of a file or of an address space. */
export interface ByteRange {
  readonly start: number
  readonly length: number
}
