// A guest's RAM as QEMU's objects: memory backends, and whether QEMU means them to be merged.
import { z } from 'zod'
import { type Monitor, parseReturn } from './monitor.ts'

export interface RamObject {
  /** As `/objects/pc.ram`. */
  readonly path: string
  /** `memory-backend-ram`, `-file`, `-memfd`. */
  readonly type: string
  readonly sizeBytes: number
  /** QEMU's property, which tells what was asked for; VmFlags `mg` tell what is. */
  readonly merge: boolean
  /** Shared memory: KSM never merges it, whatever `merge` says. */
  readonly share: boolean
}

const properties = z.lazy(() =>
  z.array(z.object({ name: z.string().max(1024), type: z.string().max(1024) })).max(100_000),
)
const size = z.number().int().nonnegative()

// The backends of QEMU since 5.0, the machine's own included, all lie here.
const objectsPath = '/objects'
/** Refuses names that could end the path and begin another. */
const objectName = /^[A-Za-z0-9][A-Za-z0-9._-]*$/

/** Memory backends of the guest with their `merge` switch. Throws what the monitor answers. */
export async function listRamObjects(monitor: Monitor): Promise<RamObject[]> {
  const listed = await read(monitor, 'qom-list', { path: objectsPath }, properties)
  const backends = listed.flatMap(({ name, type }) => {
    const backend = /^child<(memory-backend-[a-z]+)>$/.exec(type)?.[1]
    return backend !== undefined && objectName.test(name)
      ? [{ path: `${objectsPath}/${name}`, type: backend }]
      : []
  })
  const objects: RamObject[] = []
  for (const backend of backends) {
    const property = <T>(name: string, schema: z.ZodType<T>) =>
      read(monitor, 'qom-get', { path: backend.path, property: name }, schema)
    objects.push({
      ...backend,
      sizeBytes: await property('size', size),
      merge: await property('merge', z.boolean()),
      share: await property('share', z.boolean()),
    })
  }
  return objects
}

/**
 * Sets or clears MADV_MERGEABLE on the live mapping. Clearing it gives the guest its own pages again before QEMU
 * answers: seconds per GiB merged, during which the guest stands still.
 */
export async function setMerge(
  monitor: Monitor,
  path: string,
  merge: boolean,
  timeoutMs: number,
): Promise<void> {
  await monitor.execute('qom-set', { path, property: 'merge', value: merge }, timeoutMs)
}

async function read<T>(
  monitor: Monitor,
  command: string,
  args: Record<string, unknown>,
  schema: z.ZodType<T>,
) {
  return parseReturn(schema, await monitor.execute(command, args), command, monitor.via)
}
