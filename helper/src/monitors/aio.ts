// How a guest's QEMU reads its disks, as its command line tells.

/**
 * Whether some disk is read by io_uring or native AIO, which /proc/<pid>/io leaves out of rchar.
 * A disk plugged in later is not seen.
 */
export function bypassesRchar(args: readonly string[]): boolean {
  return args.some((arg, index) => {
    const option = args[index - 1]?.replace(/^--?/, '')
    if (option !== 'drive' && option !== 'blockdev') return false
    return /(^|,)aio=(io_uring|native)(,|$)|"aio"\s*:\s*"(io_uring|native)"/.test(arg)
  })
}
