// What the KSM governor sees of a host, and what it may ask for.
import type { KsmCounters } from '../../../src/shared/contract/ksm.ts'

/** In bytes: a bound of memory, and what of it is left. */
export interface MemoryRoom {
  readonly limitBytes: number
  readonly availableBytes: number
}

export interface GovernedGuest {
  readonly pid: number
  readonly name: string
  /** Since the guest's process started. */
  readonly ageSeconds: number
  readonly residentBytes: number
  /** Its RAM is marked mergeable now. */
  readonly mergeable: boolean
  /** Libvirt or a QMP socket can switch its merging. */
  readonly monitorReachable: boolean
  /** What merging would still free of it, merge switch aside. Absent: not measured since it started. */
  readonly potentialBytes?: number
  readonly mergedBytes?: number
  /** Much of its memory is not what the last measurement saw: it was reset, or does something else now. */
  readonly turnedOver?: boolean
  /** Cumulative breaks of merged pages by writes (cow_ksm of its ksm_stat). Absent: not reported. */
  readonly breaks?: number
  /** Of the control groups with a limit that it shares with another guest. Absent: of none, or not asked for. */
  readonly rooms?: readonly MemoryRoom[]
}

export interface KsmObservation {
  /** On a clock that only goes forward. */
  readonly atSeconds: number
  readonly pageBytes: number
  readonly counters: KsmCounters
  /** The `run` knob: 1 while ksmd scans. */
  readonly run: number
  /** The rate that is set, by which ksmd's CPU is estimated where nothing else tells it. */
  readonly rate: { readonly pagesToScan: number; readonly sleepMillisecs: number }
  /** Programs that write the same knobs, and `advisor` while the kernel's own is on. */
  readonly otherGovernors: readonly string[]
  /** Absent: not measured yet. */
  readonly processor?: {
    /** Of one core, by all guests, since the last look. */
    readonly guestRatio: number
    /** PSI some avg10: how much of the time something waited for a core. Absent: not reported by this kernel. */
    readonly pressureRatio?: number
  }
  readonly memory: {
    readonly totalBytes: number
    readonly availableBytes: number
    /** Resident pages of images: never counted as free. */
    readonly imageCacheBytes: number
    /** In transparent huge pages, of the whole host. Absent: a kernel without them. */
    readonly hugePageBytes?: number
    /** PSI some avg10. Absent: not reported by this kernel. */
    readonly pressureRatio?: number
  }
  /** Identical, mergeable and not yet merged, over all guests. Absent: never measured. */
  readonly potential?: {
    readonly bytes: number
    /** What merging saved in living processes then: `BurstAim`. */
    readonly savedPages: number
    readonly measuredAtSeconds: number
  }
  readonly guests: readonly GovernedGuest[]
}

export type KsmAction =
  /** run=1 at this rate. */
  | { readonly kind: 'scan'; readonly pagesToScan: number; readonly sleepMillisecs: number }
  /** run=0: keeps what is merged. */
  | { readonly kind: 'stop' }
  /** Measure the potential again (snapshot or distinct sample). */
  | { readonly kind: 'measure' }
  /** Collapse huge pages that were split in vain, for at most so long. */
  | { readonly kind: 'give-back'; readonly seconds: number }
  | { readonly kind: 'merge-off' | 'merge-on'; readonly pid: number; readonly why: string }
  /** Stop or switch off other governors, journaled so that they can be given back. */
  | { readonly kind: 'take-over'; readonly governors: readonly string[] }
