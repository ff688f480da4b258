// What is supposed to keep a goal of the suite from being reached, and what to try next; printed beside a missed one.
import type { GoalName } from './goals.ts'

export const misses: Readonly<Record<GoalName, string>> = {
  hits: `**Hit ratio of (b)**, supposed reason: What the reader's guest asks for twice is on the kernel's active list, which a stream passes
  by: the kernel alone keeps a share of the reader's pages, and no policy can pass 1.00, so 3x is out of reach where
  that share is above a third. It shrinks the longer the stream lasts. Next: windows of minutes, in which the active
  list has turned over.`,
  operations: `**Operations of (b)**, supposed reason: The guest answers most reads itself, by emulation; what a policy can win is the time of the
  others, and the oracle's figure says how much that is. On two cores two emulated guests leave none for other work:
  rounds in which there was some are slow under every policy. Next: a guest with KVM, whose own hits cost next to
  nothing, and a core for each guest.`,
  harm: `**Harm**, supposed reason: Where the range of a workload spans 1.00x, the miss is within what rounds differ by. Next: longer
  windows, more rounds.`,
  cpu: `**Helper CPU**, supposed reason: Looks are three a second while a stream comes. Next: fewer looks where the head-room is large.`,
  reclaim: `**Reclaim**, supposed reason: What stays is what no guest holds by the content: metadata of file systems, read ahead and not asked
  for. Next: reclaim of pages that no guest has asked for in a while.`,
}
