// Short-lived reports of what an act brought; failures stay until dismissed.
import { useSyncExternalStore } from 'react'
import { asProblem, type ProblemData } from '../../shared/problem.ts'

export type Toast =
  | {
      readonly id: number
      readonly kind: 'result' | 'news'
      readonly title: string
      readonly text: string
    }
  | { readonly id: number; readonly kind: 'problem'; readonly attempt: string; readonly problem: ProblemData }

type NewToast =
  | { kind: 'result' | 'news'; title: string; text: string }
  | { kind: 'problem'; attempt: string; problem: ProblemData }

const shownMs = 12_000
const maxToasts = 4

let toasts: readonly Toast[] = []
let nextId = 1
const listeners = new Set<() => void>()

function replace(next: readonly Toast[]): void {
  toasts = next
  for (const listener of listeners) listener()
}

function add(toast: NewToast): number {
  const id = nextId
  nextId += 1
  replace([...toasts, { ...toast, id }].slice(-maxToasts))
  return id
}

export function dismissToast(id: number): void {
  replace(toasts.filter((toast) => toast.id !== id))
}

export function toastResult(title: string, text: string): void {
  const id = add({ kind: 'result', title, text })
  setTimeout(() => dismissToast(id), shownMs)
}

/** Trouble that nobody asked for: it stays for as long as a report. */
export function toastNews(title: string, text: string): void {
  const id = add({ kind: 'news', title, text })
  setTimeout(() => dismissToast(id), shownMs)
}

/** `attempt` is the act in a few words: "Assess", "Scrub". */
export function toastProblem(attempt: string, error: unknown): void {
  add({ kind: 'problem', attempt, problem: asProblem(error).toData() })
}

export function useToasts(): readonly Toast[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => toasts,
  )
}
