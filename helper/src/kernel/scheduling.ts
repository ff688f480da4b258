import { libc, succeed } from './libc.ts'

const SCHED_OTHER = 0
const SCHED_IDLE = 5
const schedulingParameters = new Int32Array(1)

/** Gives the calling thread idle priority, or normal priority again. Source: sched_setscheduler(2). */
export function setIdlePriority(idle: boolean): void {
  const policy = idle ? SCHED_IDLE : SCHED_OTHER
  succeed('sched_setscheduler', libc.sched_setscheduler(0, policy, schedulingParameters))
}
