// Which page a key leads to. Pure.
import { entryOf, hostTabs, type PageId, topPages } from '../model/page-table.ts'

/** `afterG`: G was pressed just before. `onHost`: the page shown is of a host. */
export function pageOfKeys(
  key: string,
  { afterG, onHost }: { readonly afterG: boolean; readonly onHost: boolean },
): PageId | undefined {
  if (afterG) return topPages.find((id) => entryOf(id).key === key)
  return onHost ? hostTabs.find((id) => entryOf(id).key === key) : undefined
}
