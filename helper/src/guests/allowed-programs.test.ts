import { describe, expect, it } from 'vitest'
import { parseAllowedPrograms } from './allowed-programs.ts'
import { parseUserNames, UserNames } from './user-names.ts'

describe('parseAllowedPrograms', () => {
  it('reads programs and users, and passes over what is neither', () => {
    const text = `# built by hand
/opt/qemu/bin/qemu-system-x86_64   # 10.1
  user 100000
user anna
relative/qemu
`
    expect(parseAllowedPrograms(text)).toEqual({
      paths: ['/opt/qemu/bin/qemu-system-x86_64'],
      uids: new Set([100_000]),
    })
  })
})

describe('names of users', () => {
  it('are those of the file, and numbers of others', () => {
    const text =
      'root:x:0:0:root:/root:/bin/bash\ntoor:x:0:0::/root:/bin/sh\nlibvirt-qemu:x:64055:994::/var:/bin/false\nodd\n'
    const names = new UserNames(parseUserNames(text))
    expect([0, 64_055, 1000].map((uid) => names.nameOf(uid))).toEqual(['root', 'libvirt-qemu', 'uid 1000'])
  })
})
