// The tools of a burst on this machine.
import type { Progress } from '../../../src/shared/contract/quantity.ts'
import { InTurn } from '../../../src/shared/time/in-turn.ts'
import type { ChangeContext } from '../changes/change.ts'
import { withLock } from '../changes/lock.ts'
import { listGuests } from '../guests/guests.ts'
import { MergedFrames } from '../identical-pages/scan/merged-frames.ts'
import { offerToKsm, PinnedBuffer } from '../kernel/mappings.ts'
import { pageSize } from '../kernel/page-size.ts'
import { throwIfCancelled } from '../pacing/pace.ts'
import type { BurstTools } from './burst-tools.ts'
import { giveBack } from './give-back.ts'
import { hugePageBudget } from './huge-page-budget.ts'
import { measurePotential } from './measure-potential.ts'
import { anchorWordOf, TreeAnchor } from './tree-anchor.ts'

/**
 * For the command `ksm start` and for sessions. The anchor's page is kept as long as this process lives. Its tools need root.
 * `measure` is replaced in tests. Source: madvise(2).
 */
export function liveBurstTools(context: ChangeContext, measure = measurePotential): BurstTools {
  const remembered = { mergedFrames: new MergedFrames() }
  // What one burst has left may still be measured when the next one is asked for, and a scan numbers what is remembered anew.
  const turns = new InTurn()
  return {
    measure: (signal, reportProgress: (progress: Progress) => void = () => undefined) =>
      turns.run(async () => {
        throwIfCancelled(signal)
        const { root } = context
        const options = { root, signal, reportProgress }
        return measure(await listGuests(root), options, remembered, performance.now() / 1000)
      }),
    anchor: processAnchor,
    giveBack: async (signal) => {
      const purpose = { who: context.actor.who, action: 'ksm give huge pages back' }
      return withLock(context.folders, context.root, purpose, async () =>
        giveBack(context, await listGuests(context.root), hugePageBudget, signal),
      )
    },
  }
}

/** One for all bursts of this process, whoever begins them. */
export const processAnchor = new TreeAnchor(offerAnchorPage)

/** Never released: unmapping it would take the root of the tree away in mid-pass. */
function offerAnchorPage(): void {
  const page = new PinnedBuffer(pageSize)
  new DataView(page.bytes.buffer, page.bytes.byteOffset).setBigUint64(
    pageSize - 8,
    anchorWordOf(process.pid),
    true,
  )
  offerToKsm(page)
}
