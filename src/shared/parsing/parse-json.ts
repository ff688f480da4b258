// Parses text of a file or of another program, for a schema to judge.

/** A text that is no JSON becomes undefined, which the schema refuses. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
