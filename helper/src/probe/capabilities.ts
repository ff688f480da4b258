// Capabilities of a host, found by trying, never by comparing kernel versions.
import { closeSync, openSync } from 'node:fs'
import type { Capabilities } from '../../../src/shared/contract/host-contract.ts'
import { readCacheStat } from '../kernel/cachestat.ts'
import type { KernelRoot } from '../kernel/kernel-root.ts'
import { mayReadFrameFlags } from '../kernel/kpageflags.ts'
import { PinnedBuffer } from '../kernel/mappings.ts'
import { pageSize } from '../kernel/page-size.ts'
import { frameNumber, isPresent } from '../kernel/pagemap.ts'
import { PresentPages } from '../kernel/present-pages.ts'
import { reportsMemoryPressure } from '../kernel/pressure.ts'
import { IoVector, readProcessMemory } from '../kernel/process-memory.ts'
import { probeKsm } from '../kernel/read-ksm.ts'
import { errnoOf } from '../kernel/system-error.ts'
import { mayTrace } from './privilege.ts'

export interface ProbedCapabilities {
  readonly capabilities: Capabilities
  /** What is missing and which privilege or kernel would bring it. */
  readonly limits: string[]
}

/** Tries each thing on this process, and changes nothing. */
export async function probeCapabilities(root: KernelRoot): Promise<ProbedCapabilities> {
  const own = probeOwnPage(root)
  const capabilities: Capabilities = {
    pagemapScan: own.pagemapScan,
    pageFrames: own.pageFrames,
    kpageflags: mayReadFrameFlags(root),
    cachestat: probeCacheStat(),
    guestMemory: probeGuestMemory(),
    ...probeKsm(root),
    pressure: reportsMemoryPressure(root),
  }
  return { capabilities, limits: explainLimits(capabilities) }
}

const explanations: Readonly<Record<keyof Capabilities, string>> = {
  pagemapScan:
    'PAGEMAP_SCAN is missing (Linux 6.7 has it): page maps are read entry by entry, which takes longer',
  pageFrames: 'page frame numbers are hidden: CAP_SYS_ADMIN shows them (run as root)',
  kpageflags: '/proc/kpageflags cannot be read: CAP_SYS_ADMIN and CONFIG_PROC_PAGE_MONITOR open it',
  cachestat: 'cachestat is missing (Linux 6.5 has it): dirty pages of images are not counted in advance',
  guestMemory: "guests' memory cannot be read: CAP_SYS_PTRACE allows it (run as root)",
  ksm: 'this kernel has no KSM (CONFIG_KSM)',
  ksmWritable: 'KSM cannot be set: root on a writable /sys can',
  ksmAdvisor: 'KSM has no scan-time advisor (Linux 6.8 has it)',
  ksmSmartScan: 'KSM has no smart scan (Linux 6.7 has it)',
  pressure:
    'memory pressure is not reported: CONFIG_PSI, and psi=1 on the command line where it is off by default',
}

function explainLimits(capabilities: Capabilities): string[] {
  const names = Object.keys(explanations) as (keyof Capabilities)[]
  return names.filter((name) => !capabilities[name]).map((name) => explanations[name])
}

interface OwnPage {
  readonly pagemapScan: boolean
  readonly pageFrames: boolean
}

function probeOwnPage(root: KernelRoot): OwnPage {
  const page = new PinnedBuffer(pageSize)
  page.bytes[0] = 1
  try {
    const present = new PresentPages(root, process.pid, undefined)
    try {
      const runs = present.list(page.address, page.address + pageSize)
      const [lower = 0, upper = 0] = present.readEntries(page.address, 1)
      const pageFrames = runs.length > 0 && isPresent(upper) && frameNumber(lower, upper) !== 0
      return { pagemapScan: present.scans, pageFrames }
    } finally {
      present.close()
    }
  } finally {
    page.release()
  }
}

/** The call is tried on this process; for others it takes CAP_SYS_PTRACE. */
function probeGuestMemory(): boolean {
  const own = new PinnedBuffer(pageSize)
  const copy = new PinnedBuffer(pageSize)
  try {
    const remote = new IoVector(1)
    remote.addRange(own.address, pageSize)
    return mayTrace() && readProcessMemory(process.pid, remote, copy) === pageSize
  } catch (error) {
    if (errnoOf(error) === undefined) throw error
    return false
  } finally {
    own.release()
    copy.release()
  }
}

function probeCacheStat(): boolean {
  const fd = openSync(process.execPath, 'r')
  try {
    readCacheStat(fd, { start: 0, length: pageSize })
    return true
  } catch (error) {
    if (errnoOf(error) === undefined) throw error
    return false
  } finally {
    closeSync(fd)
  }
}
