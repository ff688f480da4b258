// The worker thread that parses one pasted inventory, so that no text of others can hold main.
import { parentPort, workerData } from 'node:worker_threads'
import { z } from 'zod'
import { asProblem } from '../../shared/problem.ts'
import { parseInventory } from './parse-inventory.ts'
import { type InventoryMessage, maxHostsPerMessage } from './read-inventory.ts'

const port = parentPort
if (!port) throw new Error('inventory-worker runs as a worker thread only')
const send = (message: InventoryMessage) => port.postMessage(message)

try {
  const { hosts, problems } = parseInventory(z.object({ text: z.string() }).parse(workerData).text)
  for (let at = 0; at < hosts.length; at += maxHostsPerMessage) {
    send({ kind: 'hosts', hosts: hosts.slice(at, at + maxHostsPerMessage) })
  }
  send({ kind: 'end', problems })
} catch (error) {
  send({ kind: 'failed', problem: asProblem(error, 'cannot read the inventory').toData() })
}
