// Framing of the helper's stream: `Content-Length` headers before JSON bodies, as vscode-jsonrpc has them.

/** A peer that has sent this much without the end of a header sends none. */
export const maxHeaderBytes = 1024

export type FrameHeader =
  | { readonly kind: 'length'; readonly bytes: number }
  | { readonly kind: 'malformed' | 'no-single-length' | 'no-number' }
  | { readonly kind: 'too-large'; readonly announced: string }

/** What a header, without its empty line, announces: at most `limitBytes`, or what is wrong with it. Pure. */
export function readFrameHeader(header: string, limitBytes: number): FrameHeader {
  const lengths: string[] = []
  for (const line of header.split('\r\n')) {
    const [, field, value] = /^([\w-]+): *(.*?) *$/.exec(line) ?? []
    if (field === undefined || value === undefined) return { kind: 'malformed' }
    if (field.toLowerCase() === 'content-length') lengths.push(value)
  }
  const [length] = lengths
  if (length === undefined || lengths.length > 1) return { kind: 'no-single-length' }
  if (!/^\d{1,15}$/.test(length)) return { kind: 'no-number' }
  const bytes = Number(length)
  return bytes > limitBytes ? { kind: 'too-large', announced: length } : { kind: 'length', bytes }
}
