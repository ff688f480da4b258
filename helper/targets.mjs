// The kinds of Linux host that a helper is compiled for.

/** ELF e_machine numbers. Source: elf.h. */
const EM_X86_64 = 62
const EM_AARCH64 = 183

/**
 * @typedef {object} Target
 * @property {string} name part of the binary's name, as the workbench picks it after probing a host
 * @property {string} bunTarget what Bun calls it
 * @property {string} runtimePackage npm package that holds its Bun
 * @property {number} machine
 */

/** This machine's own kind: its runtime is the Bun that compiles, so nothing is fetched. @type {Target} */
export const HOST_TARGET = {
  name: 'linux-x64',
  bunTarget: 'bun-linux-x64',
  runtimePackage: '@oven/bun-linux-x64',
  machine: EM_X86_64,
}

/** @type {readonly Target[]} */
export const TARGETS = [
  HOST_TARGET,
  {
    // Processors without AVX2, where the plain one dies of an illegal instruction.
    name: 'linux-x64-baseline',
    bunTarget: 'bun-linux-x64-baseline',
    runtimePackage: '@oven/bun-linux-x64-baseline',
    machine: EM_X86_64,
  },
  {
    name: 'linux-arm64',
    bunTarget: 'bun-linux-arm64',
    runtimePackage: '@oven/bun-linux-aarch64',
    machine: EM_AARCH64,
  },
  {
    name: 'linux-x64-musl',
    bunTarget: 'bun-linux-x64-musl',
    runtimePackage: '@oven/bun-linux-x64-musl',
    machine: EM_X86_64,
  },
  {
    name: 'linux-arm64-musl',
    bunTarget: 'bun-linux-arm64-musl',
    runtimePackage: '@oven/bun-linux-aarch64-musl',
    machine: EM_AARCH64,
  },
]
