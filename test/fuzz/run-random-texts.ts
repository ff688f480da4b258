// 10,000 random texts each: files of OpenSSH, inventories and addresses.
//   node test/fuzz/run-random-texts.ts [SEED]

import { randomText, type TextKind } from './random-texts.ts'
import { readKinds } from './read-kinds.ts'
import { readRandomText } from './read-random-text.ts'

const names: readonly TextKind[] = ['ssh_config', 'known_hosts', 'inventory', 'address']
const kinds = names.map((name) => ({
  name,
  wanted: 10_000,
  atOnce: 1,
  read: async (random: Parameters<typeof randomText>[1]) => {
    const text = randomText(name, random)
    try {
      return { outcome: await readRandomText(name, text), count: 1 }
    } catch (error) {
      throw new Error(`${(error as Error).stack}\n${JSON.stringify(text.slice(0, 2000))}`, { cause: error })
    }
  },
}))
await readKinds(kinds, Number(process.argv[2] ?? 1))
