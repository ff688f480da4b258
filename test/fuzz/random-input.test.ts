// What a peer, a file, a monitor or a command line may hold: nothing hangs, nothing dies, and memory is bounded. Each process
// is one that reads nothing else, so that its memory can be judged.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { describe, it } from 'vitest'

const seed = 20_261_129
/** Node itself with all modules takes a hundred; what is kept of each input would be gigabytes. */
const mostMiB = 768
// A machine that does other work takes longer than the usual 30 s.
const withinMs = 240_000
const line = /^(.+): (\d+) in (\d+) taken and (\d+) refused; .* (\d+) MiB at most$/gm

const programs: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'run-random-inputs.ts': { frames: 100_000, policy: 10_000, monitor: 10_000, 'guest line': 10_000 },
  'run-random-texts.ts': { ssh_config: 10_000, known_hosts: 10_000, inventory: 10_000, address: 10_000 },
}
/** Of these, whatever they are, something is made. */
const neverRefused = ['guest line', 'known_hosts']

function run(program: string): Promise<{ readonly code: number | string | null; readonly said: string }> {
  return new Promise((resolve) => {
    const args = [join(import.meta.dirname, program), `${seed}`]
    execFile(process.execPath, args, { timeout: withinMs }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : (error.code ?? null), said: `${stdout}${stderr}` }),
    )
  })
}

describe.concurrent('random input', () => {
  it.for(Object.entries(programs))(
    'of %s ends in a result or a Problem, in bounded memory',
    { timeout: withinMs },
    async ([program, counts], { expect: expectHere }) => {
      const { code, said } = await run(program)
      console.log(said)
      expectHere(code, said.slice(-4000)).toBe(0)
      const found = [...said.matchAll(line)].map(([, name = '', ...figures]) => ({
        name,
        figures: figures.map(Number),
      }))
      expectHere(found.map(({ name }) => name)).toEqual(Object.keys(counts))
      for (const { name, figures } of found) {
        const [read = 0, taken = 0, refused = 0, peakMiB = 0] = figures
        expectHere(read, name).toBeGreaterThanOrEqual(counts[name] ?? Number.NaN)
        expectHere(taken, name).toBeGreaterThan(0)
        if (!neverRefused.includes(name)) expectHere(refused, name).toBeGreaterThan(0)
        expectHere(peakMiB, name).toBeLessThan(mostMiB)
      }
    },
  )
})
