// Long acts under way: shown with progress, cancellable by id, at most one heavy act per host.
import { randomUUID } from 'node:crypto'
import type { Progress, Task } from '../../shared/contract/index.ts'
import { Problem } from '../../shared/problem.ts'
import type { CallContext } from '../../shared/rpc.ts'
import { wallClock } from '../../shared/time/wall-clock.ts'
import type { Announce } from '../announcer.ts'
import { Throttle } from './throttle.ts'

interface RunningTask {
  task: Task
  readonly telling: Throttle
  readonly cancel: AbortController
}

export type TaskOrder = Pick<Task, 'hostId' | 'kind' | 'title'>

/** Progress is passed on at most this often. */
const progressEveryMs = 200

export class TaskBoard {
  readonly #running = new Map<string, RunningTask>()
  readonly #announce: Announce

  constructor(announce: Announce) {
    this.#announce = announce
  }

  list(hostId: string): Task[] {
    return [...this.#running.values()].map(({ task }) => task).filter((task) => task.hostId === hostId)
  }

  /** The act that keeps others of its host waiting, if any. Connecting keeps nobody waiting. */
  findHeavy(hostId: string): Task | undefined {
    return this.list(hostId).find(({ kind }) => kind !== 'connect')
  }

  /** Runs `work` as a task; refused as `busy` while a heavy act runs on the same host. */
  async run<T>(order: TaskOrder, outer: CallContext, work: (context: CallContext) => Promise<T>): Promise<T> {
    const heavy = order.kind === 'connect' ? undefined : this.findHeavy(order.hostId)
    if (heavy) {
      throw new Problem('busy', `cannot start ${order.title}: ${heavy.title} is still running on this host`, {
        remedy: 'Wait for it to end, or cancel it.',
      })
    }
    const task: Task = { id: randomUUID(), startedAt: wallClock(), ...order }
    const running: RunningTask = {
      task,
      telling: new Throttle(progressEveryMs, () => {
        if (running.task.progress) outer.reportProgress(running.task.progress)
        this.#announce('task/changed', running.task)
      }),
      cancel: new AbortController(),
    }
    const signal = AbortSignal.any([outer.signal, running.cancel.signal])
    this.#running.set(task.id, running)
    this.#announce('task/changed', task)
    try {
      return await work({ signal, reportProgress: (progress) => this.#advance(running, progress) })
    } finally {
      running.telling.stop()
      this.#running.delete(task.id)
      this.#announce('task/ended', { id: task.id, hostId: task.hostId })
    }
  }

  cancel(id: string): void {
    const running = this.#running.get(id)
    if (!running) throw new Problem('gone', 'cannot cancel the task: it has ended')
    running.cancel.abort(new Problem('cancelled', `${running.task.title} was cancelled`))
  }

  cancelAll(hostId: string): void {
    for (const { id } of this.list(hostId)) this.cancel(id)
  }

  /** A helper may change its step as often as it likes; pages see the last one in time. */
  #advance(running: RunningTask, progress: Progress): void {
    running.task = { ...running.task, progress }
    running.telling.request()
  }
}
