// What a host can do, as text.
import type { HostFacts } from '../../../src/shared/contract/assessment.ts'
import { formatTable } from '../../../src/shared/text/table.ts'
import { formatBytes } from '../../../src/shared/units.ts'
import type { ProbedCapabilities } from '../probe/capabilities.ts'

/** What `probe` prints: the host, a row for each capability, and what is missing. */
export function formatProbe(probed: ProbedCapabilities & { readonly host: HostFacts }): string {
  const { host, capabilities, limits } = probed
  const head = `${host.hostname}: ${host.kernel}, ${formatBytes(host.memTotalBytes)} in pages of ${host.pageSize} B\n`
  const rows = Object.entries(capabilities).map(([name, has]) => [name, has ? 'yes' : 'no'])
  const lines = limits.map((limit) => `${limit}\n`).join('')
  return [head, formatTable(['capability', ''], rows), lines].filter((part) => part !== '').join('\n')
}
