// Asks for a report; where nothing prints a PDF, the same as HTML is given, and it is said why.
import type { ReportOrder } from '../../shared/contract/index.ts'
import { asProblem } from '../../shared/problem.ts'
import type { CallOptions } from '../../shared/rpc.ts'
import type { FleetStore } from '../store/fleet-store.ts'
import { toastProblem } from '../ui/toasts.ts'

export async function buildReport(store: FleetStore, order: ReportOrder, options: CallOptions = {}) {
  try {
    return await store.call('reports/build', order, options)
  } catch (error) {
    if (order.format !== 'pdf' || asProblem(error).code !== 'not-supported') throw error
    toastProblem('Print a PDF', error)
    return store.call('reports/build', { ...order, format: 'html' }, options)
  }
}
