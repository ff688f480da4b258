// Parts of a benchmark that `--only` names.

/** Those of `all` that are asked for; throws where one that there is not is asked for, before minutes go into the others. */
export function askedParts<T extends string>(only: readonly string[] | undefined, all: readonly T[]): T[] {
  const unknown = only?.find((name) => !(all as readonly string[]).includes(name))
  if (unknown !== undefined)
    throw new Error(`cannot measure "${unknown}": no such part; --only takes ${all.join(', ')}`)
  return all.filter((name) => only?.includes(name) ?? true)
}
