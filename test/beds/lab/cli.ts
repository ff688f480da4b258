// The command line of the lab: up, status, guest, exec, ssh-home, down.
import { parseArgs } from 'node:util'
import { downLab, type Lab, type LabOptions, openLab, upLab, writeSshHome } from './lab.ts'
import { defaultLabDir } from './options.ts'
import { realGuests } from './real-guest.ts'
import { type LargeSizes, largeGuests } from './stand-in-guest.ts'
import { readState } from './state.ts'

const USAGE = `usage: lab up [--hosts N] [--guests N] [--fio] | status | down [--keep-images]
       lab up --guests real [--real-guests 2]
                                   Debian with systemd and PostgreSQL; the first on a raw image, others on overlays
       lab up --guests large [--ram-mib N] [--image-mib N]
                                   stand-ins: four of 3000 MiB, and one with an image where N is more than 0
       lab guest NAME COMMAND…     runs a command in a guest, over its serial line
       lab exec HOST COMMAND…      runs a command as root of a lab host
       lab ssh-home FOLDER         writes FOLDER/.ssh, which knows the lab
options: --dir DIR (or SINGLETON_LAB_DIR), --json`

async function main(): Promise<void> {
  // What follows the name of a guest or host is a command, whose options are not ours.
  const argv = process.argv.slice(2)
  const verbAt = argv.findIndex((arg) => arg === 'guest' || arg === 'exec')
  const ours = verbAt < 0 ? argv : argv.slice(0, verbAt + 2)
  const command = argv.slice(ours.length)
  const { values, positionals } = parseArgs({
    args: ours,
    allowPositionals: true,
    options: {
      dir: { type: 'string', default: defaultLabDir() },
      hosts: { type: 'string', default: '2' },
      guests: { type: 'string', default: '2' },
      fio: { type: 'boolean', default: false },
      'real-guests': { type: 'string', default: '2' },
      'ram-mib': { type: 'string' },
      'image-mib': { type: 'string', default: '0' },
      json: { type: 'boolean', default: false },
      'keep-images': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const [verb, name] = positionals
  const { dir } = values
  if (values.help) console.log(USAGE)
  else if (verb === 'up') await up({ dir, ...chooseGuests(values) }, values.json)
  else if (verb === 'status') status(dir, values.json)
  else if (verb === 'down') await down(dir, values['keep-images'], values.json)
  else if (verb === 'guest')
    process.stdout.write(await findGuest(openLab(dir), name).command(command.join(' ')))
  else if (verb === 'exec') await execute(openLab(dir), name, command)
  else if (verb === 'ssh-home' && name) writeSshHome(openLab(dir), name)
  else throw new Error(USAGE)
}

async function up(options: LabOptions, json: boolean): Promise<void> {
  const started = performance.now()
  const progress = (text: string) =>
    console.error(`lab ${((performance.now() - started) / 1000).toFixed(1)}s ${text}`)
  const lab = await upLab({ ...options, detached: true }, progress)
  print(lab, json)
}

function status(dir: string, json: boolean): void {
  const state = readState(dir)
  if (state?.phase === 'up') print(openLab(dir), json)
  else if (json) console.log(JSON.stringify({ dir, up: false, hosts: [] }))
  else console.log(state ? `the lab in ${dir} is starting, or was left behind` : `no lab in ${dir}`)
}

async function down(dir: string, keepImages: boolean, json: boolean): Promise<void> {
  const removed = await downLab(dir, { keepImages })
  if (json) console.log(JSON.stringify({ dir, removed }))
  else console.log(removed ? `removed the lab in ${dir}` : `no lab in ${dir}`)
}

async function execute(lab: Lab, name: string | undefined, command: readonly string[]): Promise<void> {
  const host = lab.hosts.find((one) => one.name === name)
  if (!host)
    throw new Error(`cannot find lab host ${name}: there are ${lab.hosts.map((one) => one.name).join(', ')}`)
  const result = await host.exec(command.join(' '))
  process.stdout.write(result.stdout)
  process.stderr.write(result.stderr)
  process.exitCode = result.code
}

function findGuest(lab: Lab, name: string | undefined) {
  const guests = lab.hosts.flatMap((host) => host.guests)
  const guest = guests.find((one) => one.name === name)
  if (!guest)
    throw new Error(`cannot find guest ${name}: there are ${guests.map((one) => one.name).join(', ')}`)
  return guest
}

function print(lab: Lab, json: boolean): void {
  if (json) {
    console.log(JSON.stringify({ ...lab, up: true }, null, 2))
    return
  }
  for (const host of lab.hosts) {
    console.log(
      `${host.name} (${host.kind}) 127.0.0.1:${host.port} ${host.hostKeyFingerprint} init ${host.initPid}`,
    )
    for (const guest of host.guests)
      console.log(`  ${guest.name} pid ${guest.pid} ${guest.images.join(' on ')}`)
  }
  const [first] = lab.hosts
  if (first) console.log(`ssh -i ${first.identityFile} -p ${first.port} root@127.0.0.1`)
}

interface AskedGuests {
  readonly hosts: string
  readonly guests: string
  readonly fio: boolean
  readonly 'real-guests': string
  readonly 'ram-mib'?: string | undefined
  readonly 'image-mib': string
}

function chooseGuests(asked: AskedGuests): LabOptions {
  if (asked.guests === 'real') return { hosts: [{ guests: realGuests(parseCount(asked['real-guests'])) }] }
  if (asked.guests === 'large')
    return { hosts: [{ guests: largeGuests(parseSizes(asked['ram-mib'], asked['image-mib'])) }] }
  return { hosts: parseCount(asked.hosts), guests: parseCount(asked.guests), fio: asked.fio }
}

function parseSizes(ramMiB: string | undefined, imageMiB: string): LargeSizes {
  return {
    ...(ramMiB !== undefined && { ramMiB: parseCount(ramMiB) }),
    ...(imageMiB !== '0' && { imageMiB: parseCount(imageMiB) }),
  }
}

function parseCount(text: string): number {
  const count = Number(text)
  if (!Number.isInteger(count) || count < 1)
    throw new Error(`cannot take "${text}" as a number: it is a whole one from 1`)
  return count
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
})
