// What a scan costs the host.
import { resourceUsage } from 'node:process'
import type { Cost } from '../../../src/shared/contract/quantity.ts'

export class CostMeter {
  readonly #startedAt = performance.now()
  readonly #cpuBefore = process.cpuUsage()

  readCost(hashedBytes: number): Cost {
    const cpu = process.cpuUsage(this.#cpuBefore)
    return {
      wallSeconds: (performance.now() - this.#startedAt) / 1000,
      cpuSeconds: (cpu.user + cpu.system) / 1e6,
      hashedBytes,
      // Of the whole process since its start.
      peakRssBytes: resourceUsage().maxRSS * 1024,
    }
  }
}
