// The one table of rooms: which folder owns what, and what it may import. biome.json is generated from it
// (`npm run format`), ARCHITECTURE.md names every row, and house.test.ts holds it against the real imports.

/**
 * @typedef {object} Room
 * @property {string} room folder, or file where a room is one file
 * @property {string} owns one clause for ARCHITECTURE.md
 * @property {readonly string[]} imports rooms below it; its own files always, src/shared where `shared` is not false
 * @property {readonly string[]} [packages] patterns of packages and of node: and bun: modules
 * @property {false} [shared]
 */

const helper = 'helper/src'
const main = 'src/main'

/** @param {string} folder @param {readonly string[]} names */
const below = (folder, names) => names.map((name) => `${folder}/${name}`)

/** @param {string} room @param {string} owns @param {readonly string[]} imports @param {readonly string[]} [packages] @returns {Room} */
const helperRoom = (
  room,
  owns,
  imports,
  packages = ['node:*', 'zod', 'vscode-jsonrpc', 'vscode-jsonrpc/*'],
) => ({
  room: `${helper}/${room}`,
  owns,
  imports: below(helper, imports),
  packages,
})

/** @param {string} room @param {string} owns @param {readonly string[]} imports @param {readonly string[]} [packages] @returns {Room} */
const mainRoom = (room, owns, imports, packages = ['node:*', 'zod', 'vscode-jsonrpc/*']) => ({
  room: `${main}/${room}`,
  owns,
  imports: below(main, imports),
  packages,
})

const SCANS = ['kernel', 'pacing', 'guests', 'images', 'identical-pages', 'probe', 'page-cache']
const CHANGES = ['changes', 'policies', 'monitors', 'ksm']
const ENGINE = [...SCANS, ...CHANGES, 'history', 'govern']

/** From the kernel upwards: a room imports rooms above its own row only. @type {readonly Room[]} */
export const HELPER_ROOMS = [
  helperRoom('kernel', 'libc, and every reader of /proc and /sys', [], ['node:*', 'bun:ffi', 'zod']),
  helperRoom('changes', 'lock, state folders and audit of every change', ['kernel']),
  helperRoom('held', 'reads that another process keeps from ending: watched, noted, avoided', [
    'kernel',
    'changes',
  ]),
  helperRoom('pacing', 'how long work shares the processor: pace, priority, cost', ['kernel']),
  helperRoom('guests', 'guests, their RAM and why a process is none', [
    'kernel',
    'changes',
    'held',
    'pacing',
  ]),
  helperRoom('images', "guests' disk images by identity", ['kernel', 'pacing', 'guests']),
  helperRoom(
    'identical-pages',
    'guest RAM read and hashed (`scan`), compared (`records`) and summed up',
    SCANS.slice(0, 4),
  ),
  helperRoom('probe', 'what this host can do, found by trying', ['kernel', 'identical-pages']),
  helperRoom('page-cache', 'the page cache of images: residency, contents, eviction', SCANS.slice(0, 6)),
  helperRoom('memory-map', "every page of guests' RAM and images' cache in one state, for views", SCANS),
  helperRoom('forecast', "a salted sample of guests' contents, for the forecast across hosts", SCANS),
  helperRoom('policies', 'pure plans of scrubbing and merging', []),
  helperRoom('monitors', "guests' QEMU monitors and libvirt", ['kernel', 'guests', 'changes']),
  helperRoom('ksm', 'KSM switched, journaled, watched and undone', [
    ...SCANS.slice(0, 5),
    ...CHANGES.slice(0, 3),
    'held',
  ]),
  helperRoom('capacity', 'what an estimate of capacity is made from: memory, limits, rates', [
    ...SCANS.slice(0, 4),
    ...CHANGES.slice(0, 3),
  ]),
  helperRoom('history', 'the sample of figures that cost next to nothing', [...SCANS, ...CHANGES]),
  helperRoom('govern', 'the loop that carries a policy out on the live host', [
    ...SCANS,
    ...CHANGES,
    'history',
  ]),
  helperRoom('serve', 'one session with a workbench', [...ENGINE, 'memory-map', 'forecast', 'capacity']),
  helperRoom('service', 'the resident service: its socket, its installation, its journal lines', [
    ...ENGINE,
    'serve',
  ]),
  helperRoom('assess.ts', 'the whole assessment of a host', [...SCANS, ...CHANGES]),
  helperRoom('cli', 'one file per command, loaded on demand', [
    ...ENGINE,
    'memory-map',
    'forecast',
    'capacity',
    'service',
    'serve',
    'assess.ts',
  ]),
  helperRoom('main.ts', 'entry: streams, signals, exit code', ['cli', 'kernel', 'changes', 'held']),
]

const SERVICES = [
  'announcer.ts',
  'state-files',
  'ssh',
  'helper-link',
  'history',
  'audit',
  'inventory',
  'connection-test',
  'hosts',
  'policies',
  'experiments',
  'reports',
]
const PARTS = [...SERVICES, 'secrets', 'updates', 'choices', 'desktop', 'gc-pauses.ts', 'data-directory.ts']
const ENTRY = ['workbench.ts', 'installation.ts', 'data-directory.ts']

/** From ssh upwards. @type {readonly Room[]} */
export const MAIN_ROOMS = [
  mainRoom('announcer.ts', 'tells every window and tab what changed', []),
  mainRoom('worker-file.ts', 'where the code of a worker thread lies', [], []),
  mainRoom('state-files', 'files of the data folder: checked, replaced whole, and kept by which process', []),
  mainRoom(
    'ssh',
    'OpenSSH configuration, keys, connections; knows no helper',
    [],
    ['node:*', 'zod', 'ssh2', 'ssh-config'],
  ),
  mainRoom('helper-link', 'deploys the helper and speaks the host contract with it', [
    'worker-file.ts',
    'ssh',
  ]),
  mainRoom('history', 'samples in SQLite, in a worker', ['worker-file.ts', 'state-files']),
  mainRoom('audit', 'who changed what, only appended to', ['announcer.ts', 'state-files']),
  mainRoom(
    'inventory',
    'hosts from pasted lists and Ansible inventories',
    ['worker-file.ts', 'ssh'],
    ['node:*', 'zod', 'yaml'],
  ),
  mainRoom('connection-test', 'each step of connecting, explained', ['ssh', 'helper-link']),
  mainRoom('hosts', 'the fleet and a session per host', SERVICES.slice(0, 8)),
  mainRoom('policies', 'named policies, their versions and roll-outs over hosts', SERVICES.slice(0, 9)),
  mainRoom(
    'experiments',
    'two policies in turn on the same guests, measured, judged and undone',
    SERVICES.slice(0, 10),
  ),
  mainRoom('reports', 'documents from assessments, experiments and history', [
    'audit',
    'hosts',
    'history',
    'experiments',
    'state-files',
  ]),
  mainRoom('forecast', 'which guests would share pages on one host', ['hosts']),
  mainRoom('capacity', 'how many more guests fit, and what a bad day takes', [
    'history',
    'hosts',
    'policies',
  ]),
  mainRoom('secrets', "secrets that a person asked to be kept, sealed by the system's store", [
    'hosts',
    'state-files',
  ]),
  mainRoom('updates', 'whether there is a newer version, where somebody asked to be told', ['state-files']),
  mainRoom('choices', 'what a person chose of how pages look', ['announcer.ts', 'state-files']),
  mainRoom('gc-pauses.ts', "keeps V8's pauses short", []),
  mainRoom('desktop', 'answers the desktop contract', [
    ...SERVICES,
    'forecast',
    'capacity',
    'secrets',
    'updates',
    'choices',
  ]),
  mainRoom('data-directory.ts', 'where the workbench keeps its files', []),
  mainRoom('workbench.ts', 'builds the services from their parts', PARTS),
  mainRoom('installation.ts', 'where the program and its resources lie', ['ssh']),
  mainRoom(
    'browser-shell',
    'serves the page and its WebSocket on loopback',
    ['desktop', 'workbench.ts'],
    ['node:*', 'zod', 'ws', 'vscode-jsonrpc/*'],
  ),
  mainRoom(
    'shell',
    'the only folder that imports electron',
    ['reports', 'secrets', 'desktop', 'browser-shell', 'workbench.ts'],
    ['node:*', 'electron', 'zod', 'vscode-jsonrpc/*'],
  ),
  mainRoom('cli', 'the workbench without a screen', [...SERVICES, 'desktop', ...ENTRY]),
  mainRoom('index.ts', 'entry of the Electron app', [...ENTRY, 'shell'], ['node:*', 'electron']),
  mainRoom('serve.ts', 'entry of the browser shell', [...ENTRY, 'browser-shell']),
  mainRoom('cli.ts', 'entry of the command line', [...ENTRY, 'cli']),
]

/** @type {readonly Room[]} */
export const ROOMS = [
  {
    room: 'src/shared',
    owns: 'contract, rpc, problem and units; in folders what several processes have alike: channel, figures, memory-map, parsing, policies, statistics, text, time',
    imports: [],
    packages: ['zod', 'vscode-jsonrpc', 'vscode-jsonrpc/*'],
  },
  ...HELPER_ROOMS,
  ...MAIN_ROOMS,
  {
    room: 'src/preload',
    owns: 'hands one MessagePort to the page',
    imports: [],
    packages: ['electron'],
    shared: false,
  },
  {
    room: 'src/renderer',
    owns: 'the screens; knows the desktop contract only',
    imports: [],
    packages: [
      'react',
      'react/**',
      'react-dom/**',
      'recharts',
      '@mantine/**',
      '@tanstack/**',
      '@tabler/**',
      'vscode-jsonrpc/*',
      'zod',
    ],
  },
]
