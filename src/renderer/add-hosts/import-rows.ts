// Rows of the import preview and what is sent when they are added. Pure.
import type { HostImport, ImportCandidate, NewHost } from '../../shared/contract/index.ts'

export interface ImportRow extends ImportCandidate {
  readonly key: string
}

export function importRows({ hosts }: HostImport): ImportRow[] {
  return hosts.map((host, index) => ({ ...host, key: `${index} ${host.address}` }))
}

/** What is in the fleet already cannot be picked; everything else is, until the person says otherwise. */
export function canPick(row: ImportRow): boolean {
  return row.savedAs === undefined
}

export function pickedHosts(rows: readonly ImportRow[], left: ReadonlySet<string>): NewHost[] {
  return rows
    .filter((row) => canPick(row) && !left.has(row.key))
    .map(({ address, name, tags }) => ({ address, name, tags }))
}

const maxTags = 32

/** The first list wins where both together are more than a host may have. */
export function joinTags(own: readonly string[], more: readonly string[]): string[] {
  return [...new Set([...own, ...more])].slice(0, maxTags)
}
