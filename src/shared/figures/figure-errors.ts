// How far figures that are no metrics may be from the truth: sentences that screens and documents put behind the source.

export const figureErrors = {
  /** What is found by comparing contents. */
  content:
    'Exact when assessed, by 64-bit hashes of whole pages; what guests changed since is not in it. Where RAM was sampled, an estimate with its margin.',
  /** What a sample reads page by page. */
  sample: 'Exact to the page when it was sampled, some seconds ago at most.',
  resident: 'A merged page counts in every guest that maps it, and QEMU’s own memory is in it.',
  scrub: 'Exact to the page at that moment; guests may have read in between.',
  recentCpu: 'Counted in ticks: exact to 0.02 % of a core over a minute.',
  guestCpu:
    'Counted in ticks: exact to 0.5 % of a core over two seconds. Before Linux 6.4, the kernel’s vhost threads are not in it.',
  hitRatio:
    'Readahead fetches more than was asked for and makes it lower. Reads by io_uring and native AIO need the guest’s monitor.',
  sum: 'Hosts that were not assessed are not in it, and those of one machine count once.',
} as const
