import { libc } from './libc.ts'

/** Bytes of a page. Source: getpagesize(3). */
export const pageSize: number = libc.getpagesize()
