// How fast one processor breaks merged pages: a stand-in for a guest writes all of its merged memory as fast as it can.
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { upLab } from '../../beds/lab/lab.ts'
import { readCpu, readMerged, resetKsm, writeKsm } from '../ksm-kernel.ts'

const ramMiB = 384
const withinMs = 60_000
const pageBytes = 4096

/** Bytes for each second on a processor of the process that writes; the kernel's work for it is in it. */
export async function measureBreakRate(): Promise<number> {
  const guest = { size: 'large', ramMiB, zeroPercent: 0, commonPercent: 100, hugePages: false } as const
  const lab = await upLab({ hosts: [{ kind: 'plain', guests: [guest, guest] }] })
  try {
    const [, writer] = lab.hosts[0]?.guests ?? []
    if (writer === undefined) throw new Error('cannot measure: the lab has no guest')
    resetKsm()
    writeKsm('pages_to_scan', '20000')
    writeKsm('run', '1')
    const wanted = (0.99 * ramMiB * 2 ** 20) / pageBytes
    await waitFor(() => readMerged() >= wanted)
    writeKsm('run', '0')
    const [broken, cpu] = [readBreaks(), readCpu(writer.pid)]
    process.kill(writer.pid, 'SIGUSR2')
    await waitFor(() => readFileSync(writer.serialLog, 'utf8').includes('written'))
    return ((readBreaks() - broken) * pageBytes) / (readCpu(writer.pid) - cpu)
  } finally {
    resetKsm()
    await lab.down({ keepImages: true })
  }
}

async function waitFor(isSo: () => boolean): Promise<void> {
  const from = performance.now()
  while (!isSo()) {
    if (performance.now() - from > withinMs) throw new Error('cannot measure how fast merged pages break')
    await sleep(50)
  }
}

function readBreaks(): number {
  return Number(/^cow_ksm (\d+)$/m.exec(readFileSync('/proc/vmstat', 'utf8'))?.[1] ?? Number.NaN)
}
