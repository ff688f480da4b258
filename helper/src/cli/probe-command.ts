import { liveKernel } from '../kernel/kernel-root.ts'
import { probeCapabilities } from '../probe/capabilities.ts'
import { readHostFacts } from '../probe/host-facts.ts'
import type { CommandIo } from './command-io.ts'
import { formatProbe } from './format-probe.ts'
import { parseScanCommand } from './parse-command.ts'
import { print } from './scan-command.ts'

/** `probe`: what this host can do, found by trying. Returns the exit code. */
export async function runProbe(args: string[], io: CommandIo): Promise<number> {
  const command = parseScanCommand(args)
  const host = await readHostFacts(liveKernel)
  const probed = { host, ...(await probeCapabilities(liveKernel)) }
  print(probed, formatProbe, command, io)
  return 0
}
