// What a scrub policy sees of a host: per image and region, what is resident and what has moved since last time.
// The schemas check recordings; the engine builds the same values itself.
import { z } from 'zod'
import { bytes, count, name, path, ratio, seconds } from '../../../src/shared/contract/quantity.ts'

/** Arrivals in runs of at least this many adjacent pages (the usual readahead, 128 KiB) count as sequential. */
export const sequentialRunPages = 32

/** A fixed-size slice of an image. Regions without resident pages and without arrivals are left out. */
const regionObservation = z.lazy(() =>
  z.strictObject({
    index: count,
    residentPages: count,
    /** Not resident at the last look (after the last plan was carried out), resident now. */
    arrivedPages: count,
    /** Of the arrived: in runs of at least `sequentialRunPages`. */
    sequentialPages: count,
    /** How many runs of fewer pages the others came in: as many reads. Absent: not counted. */
    shortRuns: count.optional(),
    /** Of the arrived: evicted by a policy within its regret window. */
    returnedPages: count,
    /** Resident pages whose content a guest holds. Absent: no snapshot yet. */
    doubleCachedPages: count.optional(),
    /** Of those: held by every guest that opens the image. */
    heldByAllPages: count.optional(),
    /** Cannot be evicted as they are: dirty, or they stayed when they were evicted a while ago. */
    dirtyPages: count.optional(),
  }),
)

const imageObservation = z.lazy(() =>
  z.strictObject({
    path,
    /** Guests that have the image open. */
    guests: count,
    /** Something that is not a guest has it open for writing: left alone by every policy. */
    foreignWriter: z.boolean(),
    /** A path that the policy excludes leads to it, by whatever spelling. Absent: its path alone decides. */
    excluded: z.boolean().optional(),
    /** The floor that the policy sets for it, by whatever spelling. Absent: likewise, or the floor of all images. */
    floorBytes: bytes.optional(),
    regions: z.array(regionObservation),
  }),
)

/** What a guest asked of the host since the last observation, and what storage had to give for it. */
const guestReads = z.lazy(() =>
  z.strictObject({
    name,
    /** Those of its images that are looked at. */
    images: z.array(path),
    /** By read calls. Absent: QEMU reads past them, or they are not counted. */
    askedBytes: bytes.optional(),
    /** Read from storage for it, read ahead included. */
    fetchedBytes: bytes,
  }),
)

export const scrubObservation = z.lazy(() =>
  z.strictObject({
    /** On a clock that only goes forward. */
    atSeconds: seconds,
    pageBytes: count.min(1),
    /** Size of a region, in pages; the same throughout a run. */
    regionPages: count.min(1),
    memory: z.strictObject({
      /** Resident pages of all images. */
      imageCachePages: count,
      /** What the image cache can hold before the kernel has to choose what to take. */
      imageCacheLimitPages: count,
      /** PSI some avg10. Absent: not reported by this kernel. */
      pressureRatio: ratio.optional(),
    }),
    /** Mean read latency of the images' storage since the last observation. Absent: no reads, or not reported. */
    readLatencySeconds: seconds.optional(),
    storageBusyRatio: ratio.optional(),
    /** Reads of the images' storage since the last observation: of guests where their groups are counted. Absent: not counted. */
    storageReads: count.optional(),
    /** How far the kernel reads ahead on the images' storage. Absent: not told. */
    readAheadPages: count.optional(),
    /** Absent: guests' reads are not known. */
    guests: z.array(guestReads).optional(),
    images: z.array(imageObservation),
  }),
)

export type RegionObservation = z.infer<typeof regionObservation>
export type ImageObservation = z.infer<typeof imageObservation>
export type GuestReads = z.infer<typeof guestReads>
export type ScrubObservation = z.infer<typeof scrubObservation>
