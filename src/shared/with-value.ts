/** The fields that have a value: an optional field is absent, never undefined. Pure. */
export function withValue<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const having = Object.entries(fields).filter(([, value]) => value !== undefined)
  return Object.fromEntries(having) as { [K in keyof T]?: Exclude<T[K], undefined> }
}
