// The kinds of Linux host that a helper is compiled for.

/** ELF e_machine numbers. Source: elf.h. */
const EM_X86_64 = 62
const EM_AARCH64 = 183

/**
 * @typedef {object} Target
 * @property {string} name part of the binary's name, as the workbench picks it after probing a host
 * @property {string} bunTarget what Bun calls it
 * @property {string} runtimePackage npm package that holds its Bun
 * @property {string} runtimeSha512 of that Bun (package/bin/bun), in hex, for the version in package.json
 * @property {number} machine
 */

/** This machine's own kind: its runtime is the Bun that compiles, so nothing is fetched. @type {Target} */
export const HOST_TARGET = {
  name: 'linux-x64',
  bunTarget: 'bun-linux-x64',
  runtimePackage: '@oven/bun-linux-x64',
  runtimeSha512:
    '27b0ec7898052c175e00fbf09aff182bcd7e49c5184d2773ef3000d12a1ba3e7ca8f9c99335b7ad9f486a1fe23f199d045a287e07457ee4c79ddb7722656f944',
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
    runtimeSha512:
      '27b0ec7898052c175e00fbf09aff182bcd7e49c5184d2773ef3000d12a1ba3e7ca8f9c99335b7ad9f486a1fe23f199d045a287e07457ee4c79ddb7722656f944',
    machine: EM_X86_64,
  },
  {
    name: 'linux-arm64',
    bunTarget: 'bun-linux-arm64',
    runtimePackage: '@oven/bun-linux-aarch64',
    runtimeSha512:
      '3785eec45cae559de071e0a1849f30cd76792ced99ee124e6344826da7abd1b4867dc3c95573c7ecd529cfa8c813ec08a3c3ee81839c1e585a9ebd73d659a2db',
    machine: EM_AARCH64,
  },
  {
    name: 'linux-x64-musl',
    bunTarget: 'bun-linux-x64-musl',
    runtimePackage: '@oven/bun-linux-x64-musl',
    runtimeSha512:
      '8d0dba7b2ed40001dd493d7b89337ad492d77d721a4fe4369ee8fedbdbbe930a531dd500716efb41d2472a3f6e293a08d3fc1e762fa2e035c1dac761a16d82c3',
    machine: EM_X86_64,
  },
  {
    name: 'linux-arm64-musl',
    bunTarget: 'bun-linux-arm64-musl',
    runtimePackage: '@oven/bun-linux-aarch64-musl',
    runtimeSha512:
      'd2400eeebe35879d2ddc9e953e40e4ff16ab3ccfda61d57da270be5e769acc3b99d2bef92a7df611cd733a86c35a0df157c7124e46978b7878792895f4c17636',
    machine: EM_AARCH64,
  },
]
