// How the kernel names a device where it lists mappings: two hexadecimal numbers.

/** `major:minor` in decimals, as mountinfo has it, of the numbers of /proc/<pid>/maps and smaps. Pure. */
export function deviceOfMapping(major: string, minor: string): string {
  return `${Number.parseInt(major, 16)}:${Number.parseInt(minor, 16)}`
}
