// Where the kernel's file systems are mounted: injected, so that readers can be tested on captured trees.

export interface KernelRoot {
  readonly proc: string
  readonly sys: string
}

export const liveKernel: KernelRoot = { proc: '/proc', sys: '/sys' }
