import { describe, expect, it } from 'vitest'
import { bypassesRchar } from './aio.ts'

describe('bypassesRchar', () => {
  it.each([
    [['-drive', 'file=/a,if=none,aio=io_uring'], true],
    [['-drive', 'aio=native,file=/a,cache=none'], true],
    [['-blockdev', '{"driver":"file","filename":"/a","aio":"io_uring","node-name":"s"}'], true],
    [['-blockdev', 'driver=file,filename=/a,aio=native'], true],
    [['-drive', 'file=/a,if=none,aio=threads'], false],
    [['-drive', 'file=/a'], false],
    [['-blockdev', '{"driver":"file","filename":"/a"}'], false],
    [['-append', 'root=/dev/vda,aio=native'], false],
  ])('%j: %s', (args, expected) => {
    expect(bypassesRchar(args)).toBe(expected)
  })
})
