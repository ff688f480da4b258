// What main and the thread that parses large answers say to each other. Main asks for each piece, so that it can do
// other work between two of them.

/** Main → worker. The bytes are handed over; `methods` names what each id of a request was about. */
export type AnswerRequest =
  | {
      readonly kind: 'parse'
      readonly bytes: Uint8Array
      readonly methods: ReadonlyMap<number | string, string>
    }
  | { readonly kind: 'next' }

/** Worker → main. */
export type AnswerReply =
  /** The message; lists of its result follow in pieces. */
  | { readonly kind: 'message'; readonly message: unknown; readonly isParsed: boolean }
  | {
      readonly kind: 'piece'
      readonly path: readonly (string | number)[]
      readonly items: readonly unknown[]
    }
  | { readonly kind: 'end' }
  | { readonly kind: 'failed'; readonly reason: string }
