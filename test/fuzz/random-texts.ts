// For tests: files that no editor would write, the same ones for the same seed: pieces of real ones, cut, repeated,
// mixed and broken.

import type { Random } from '../../src/shared/statistics/random.ts'
import { iniInventories } from '../fixtures/inventories/ini.ts'
import { yamlInventories } from '../fixtures/inventories/yaml.ts'
import { hostSnippets, includeSnippets, matchSnippets } from '../fixtures/ssh-config/hosts-and-matches.ts'
import {
  nameSnippets,
  networkSnippets,
  portAndUserSnippets,
  proxySnippets,
} from '../fixtures/ssh-config/places.ts'
import { loginSnippets, otherSnippets, trustSnippets } from '../fixtures/ssh-config/trust-and-keys.ts'
import { pick } from './pick.ts'

export type TextKind = 'ssh_config' | 'known_hosts' | 'inventory' | 'address'

const configs = [
  ...hostSnippets,
  ...matchSnippets,
  ...includeSnippets,
  ...nameSnippets,
  ...portAndUserSnippets,
  ...proxySnippets,
  ...networkSnippets,
  ...trustSnippets,
  ...loginSnippets,
  ...otherSnippets,
].map(({ config }) => config)
const inventories = [...iniInventories, ...yamlInventories].map(({ text }) => text)

const key = 'AAAAC3NzaC1lZDI1NTE5AAAAIHUTxDQSRs0Tm1ynzoXBPGkNdN0XVHMRW3l0vKqYBVPX'
const knownHosts = [
  `host ssh-ed25519 ${key}`,
  `[host]:2222,10.0.0.7 ssh-ed25519 ${key} comment`,
  `*.example.com,!bad.example.com ssh-ed25519 ${key}`,
  `@revoked * ssh-ed25519 ${key}`,
  `@cert-authority *.example.com ssh-ed25519 ${key}`,
  `|1|F1E1KeoE/eEWhi10WpGv4OdiO6Y=|3988QV0VE8wmZL7suNrYQLITLCg= ssh-ed25519 ${key}`,
  '# comment',
  'host ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQC7',
]
const addresses = [
  'root@10.0.0.7:2222',
  '[fd00::1]:22',
  'fe80::1%eth0',
  'kvm01.example.com',
  'ssh://me@host:22',
  '::1',
]
const corpora: Readonly<Record<TextKind, readonly string[]>> = {
  ssh_config: configs,
  known_hosts: knownHosts,
  inventory: inventories,
  address: addresses,
}

// Each means something to somebody: to a parser, a shell, a terminal, a regular expression or C.
const shards = [
  ...[
    '"',
    "'",
    '\\',
    '#',
    '=',
    '*',
    '?',
    '!',
    ',',
    ':',
    '[',
    ']',
    '{',
    '}',
    '<<',
    '&a ',
    '*a',
    '|',
    '>',
    '%',
    '@',
    '~',
  ],
  ...[
    '\0',
    '\r',
    '\n',
    '\t',
    '\f',
    '\u001b[2J',
    '\u202e',
    '\u2028',
    '\ufeff',
    'ä',
    '💾',
    '\ud800',
    '__proto__',
    'constructor',
  ],
  ...[
    '-o ProxyCommand=x',
    '$(reboot)',
    '`id`',
    ['$', '{HOME}'].join(''),
    '%h',
    '%%',
    '../../etc',
    '[1:9999]',
    '[a:',
    '0x7f',
    '1e309',
    '-1',
  ],
  ...[
    '99999999999999999999',
    'None',
    'null',
    'all',
    'none',
    'Host ',
    'Match ',
    'Include ',
    ':children]',
    ':vars]',
    'ansible_port=',
  ],
]

/** At most some 20 KiB: a person's file, and repetition enough to show what grows too fast. */
export function randomText(kind: TextKind, random: Random): string {
  const pieces = Array.from({ length: 1 + Math.floor(random.next() * 4) }, () =>
    randomPiece(corpora[kind], random),
  )
  return pieces.join(random.next() < 0.8 ? '\n' : '').slice(0, 20_000)
}

function randomPiece(corpus: readonly string[], random: Random): string {
  let text = pick(corpus, random)
  for (let changes = Math.floor(random.next() * 5); changes > 0; changes -= 1)
    text = change(text, corpus, random)
  return text
}

function change(text: string, corpus: readonly string[], random: Random): string {
  const at = Math.floor(random.next() * (text.length + 1))
  const length = Math.floor(random.next() * 12)
  const choice = random.next()
  if (choice < 0.35) return text.slice(0, at) + pick(shards, random) + text.slice(at)
  if (choice < 0.5) return text.slice(0, at) + text.slice(at + length)
  if (choice < 0.65) return text.slice(0, at) + pick(corpus, random)
  if (choice < 0.8) return text.slice(0, at) + String.fromCharCode(random.next() * 256) + text.slice(at + 1)
  const part = text.slice(at, at + length) || pick(shards, random)
  return text.slice(0, at) + part.repeat(2 + Math.floor(random.next() ** 4 * 2000)) + text.slice(at)
}
