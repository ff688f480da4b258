import { expect, it } from 'vitest'
import { longestText, readTextFile } from './read-text-file.ts'

it('reads nothing of a file that is too long, and takes none that is no text', async () => {
  let looks = 0
  const long = Object.assign(new File([], 'disk.img'), {
    text: async () => {
      looks += 1
      return ''
    },
  })
  Object.defineProperty(long, 'size', { value: longestText + 1 })
  await expect(readTextFile(long)).rejects.toThrow('at most 1 MiB is read')
  expect(looks).toBe(0)
  await expect(readTextFile(new File(['a\0b'], 'a.json'))).rejects.toThrow('not a text file')
  expect(await readTextFile(new File(['a: 1\n'], 'a.yml'))).toBe('a: 1\n')
})
