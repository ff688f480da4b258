import { describe, expect, it } from 'vitest'
import { parseInventory } from './parse-inventory.ts'
import { expandHostPattern } from './ranges.ts'

const ini = `
bare.example            # not in a group
[kvm]
web[01:03]:2222 ansible_user=root
db ansible_host=10.0.0.7 rack=3
[v6]
six ansible_host=fd00::1 ansible_port=22
[kvm:vars]
ansible_port=2200
ansible_ssh_user="ops"
[site:children]
kvm
v6
[site:vars]
ansible_user=fallback
`
const yaml = `---
all:
  vars: { ansible_user: root, secret: !vault "abc" }
  children:
    kvm:
      hosts:
        web[1:2]:
        db: { ansible_host: 10.0.0.7, ansible_port: 2222, ansible_user: !unsafe x }
      vars:
        ansible_user: ops
    site:
      children: { kvm: }
`

const shown = (text: string) =>
  parseInventory(text).hosts.map(({ name, address, tags }) => [name, address, tags.join()])

describe('parseInventory', () => {
  it('reads a pasted list', () => {
    const text = '# hosts\nkvm01\nroot@10.0.0.7:2222 db rack1,lab  # spare\n\n[fd00::1]:22\nkvm01\na, b;c\r\n'
    expect(shown(text)).toEqual([
      ['kvm01', 'kvm01', ''],
      ['db', 'root@10.0.0.7:2222', 'lab,rack1'],
      ['[fd00::1]:22', '[fd00::1]:22', ''],
      ['a', 'a', ''],
      ['b', 'b', ''],
      ['c', 'c', ''],
    ])
  })

  it('notes a line of a list that is no address, and reads the others', () => {
    const { hosts, problems } = parseInventory('kvm01\n-oProxyCommand=x\nkvm02:99999')
    expect(hosts.map(({ address }) => address)).toEqual(['kvm01'])
    expect(problems.map(({ line }) => line)).toEqual([2, 3])
  })

  it('reads INI: ranges, groups as tags, variables of host before group before parent', () => {
    expect(shown(ini)).toEqual([
      ['bare.example', 'bare.example', ''],
      ['web01', 'ops@web01:2222', 'kvm,site'],
      ['web02', 'ops@web02:2222', 'kvm,site'],
      ['web03', 'ops@web03:2222', 'kvm,site'],
      ['db', 'ops@10.0.0.7:2200', 'kvm,site'],
      ['six', 'fallback@[fd00::1]:22', 'site,v6'],
    ])
  })

  it('reads YAML, and ignores tagged values with a note', () => {
    expect(shown(yaml)).toEqual([
      ['web1', 'ops@web1', 'kvm,site'],
      ['web2', 'ops@web2', 'kvm,site'],
      ['db', 'x@10.0.0.7:2222', 'kvm,site'],
    ])
    expect(parseInventory(yaml).problems).toEqual([
      { line: 3, text: 'secret of vars of all is tagged !vault and was ignored' },
    ])
  })

  it('lets the later name of two groups of the same depth decide, or the higher priority', () => {
    const groups = '[b]\nx\n[a]\nx\n[b:vars]\nansible_port=2\n[a:vars]\nansible_port=1\n'
    expect(shown(groups)).toEqual([['x', 'x:2', 'a,b']])
    expect(shown(`${groups}ansible_group_priority=10\n`)).toEqual([['x', 'x:1', 'a,b']])
  })

  it.each([
    ['a template', '[kvm]\na ansible_host={{ip}}', [['a', 'a', 'kvm']]],
    ['a local connection', '[kvm]\nhere ansible_connection=local', [['here', 'local', 'kvm']]],
    ['aliases', 'a:\n  hosts: &h { x: }\nb:\n  hosts: *h', [['x', 'x', 'a,b']]],
    ['nothing', '\n# none\n', []],
    ['decimals as Python prints them', '[g]\na ansible_host=1.10', [['a', '1.1', 'g']]],
    ['escapes of Python', '[g]\na\n[g:vars]\nansible_user="D\\x4fM\\\\joe"', [['a', 'DOM\\joe@a', 'g']]],
    ['no escape that Python refuses', '[g]\na\n[g:vars]\nansible_user="DOM\\user"', []],
    [
      'groups below ungrouped',
      '[ungrouped:children]\ng\n[g]\na\n[ungrouped:vars]\nansible_port=1',
      [['a', 'a:1', 'g']],
    ],
    ['1e3 in YAML as text', 'g:\n  hosts: {1e3: {ansible_user: 2e4}}', [['1e3', '2e4@1e3', 'g']]],
    ['any YAML as 1.1', '%YAML 1.2\n---\ng:\n  hosts: {a: {ansible_port: 022}}', [['a', 'a:18', 'g']]],
    ['a group whose name has a blank', '"a b":\n  hosts: {x: }', [['x', 'x', 'a b']]],
  ])('reads %s', (_, text, hosts) => {
    expect(shown(text)).toEqual(hosts)
  })

  it.each([
    ['a broken section', '[kvm]\na\n[kvm:hosts\nb', 3],
    ['an unknown section', '[kvm]\n[kvm:stuff]', 2],
    ['variables without a host', '[kvm]\nansible_host=a', 2],
    ['a backward range', '[kvm]\nweb[5:1]', 2],
    ['broken YAML', 'all:\n  hosts: {a: ', 2],
    ['groups in a circle', '[a]\nx\n[a:children]\nb\n[b:children]\na', 1],
    ['hosts that are no map', 'all:\n  hosts: [a, b]', 2],
    ['an alias of nothing', 'all:\n  hosts: {a: *none}', 2],
  ])('refuses %s and names the line', (_, text, line) => {
    expect(() => parseInventory(text)).toThrow(new RegExp(`line ${line} of the inventory`))
  })

  it('refuses what a few aliases blow up', () => {
    const names = Array.from({ length: 20 }, (_, index) => `a${index}`)
    const groups = names.map((name, index) => {
      const below =
        index === 0 ? 'hosts: { x: }' : `children: { l${index}: *a${index - 1}, r${index}: *a${index - 1} }`
      return `${name}: &${name} { ${below} }`
    })
    expect(() => parseInventory(groups.join('\n'))).toThrow(/more than 10000 hosts/)
  }, 30_000)
})

it.each([
  ['w[1:3]', ['w1', 'w2', 'w3']],
  ['w[08:10].x', ['w08.x', 'w09.x', 'w10.x']],
  ['[a:b][1:3:2]', ['a1', 'a3', 'b1', 'b3']],
  ['[fd00::1]:22', ['fd00::1']],
])('expands %s', (pattern, names) => {
  expect(expandHostPattern(pattern, 1).names).toEqual(names)
})

describe('limits of an import', () => {
  const long = 'g'.repeat(65)

  it.each([
    ['INI', `[${long}]\nkvm01\nkvm02\n[ok]\nkvm01\n`],
    ['a list', `kvm01 kvm01 ok,${long}\nkvm02 kvm02 ok`],
  ])('leaves out a tag that is too long and says so at its host: %s', (_, text) => {
    const { hosts } = parseInventory(text)
    const [first] = hosts
    expect(hosts.map(({ name }) => name)).toEqual(['kvm01', 'kvm02'])
    expect(first?.tags).toEqual(['ok'])
    expect(first?.problems).toEqual([expect.stringContaining('longer than 64 characters')])
  })

  it('keeps the nearest 32 of too many groups, for that host alone', () => {
    const groups = Array.from({ length: 40 }, (_, index) => `[g${index}]\nkvm01`).join('\n')
    const { hosts } = parseInventory(`[first]\nkvm02\n${groups}`)
    expect(hosts.map(({ tags, problems }) => [tags.length, problems.length])).toEqual([
      [1, 0],
      [32, 1],
    ])
  })

  it('cuts off a long name, leaves out a long address and reads the rest', () => {
    const { hosts, problems } = parseInventory(`kvm01 ${'n'.repeat(600)}\n${'a'.repeat(1100)}\nkvm03`)
    expect(hosts.map(({ name, problems: own }) => [name.length, own.length])).toEqual([
      [512, 1],
      [5, 0],
    ])
    expect(problems).toEqual([{ line: 2, text: expect.stringContaining('too long') }])
  })

  it('names the line of each host, and a jump that it does not take over', () => {
    const { hosts } = parseInventory(`[kvm]\na\nb ansible_ssh_common_args='-o ProxyJump=bastion'\n`)
    expect(hosts.map(({ line }) => line)).toEqual([2, 3])
    expect(hosts[1]?.problems).toEqual([expect.stringContaining('ProxyJump=bastion')])
  })
})
