import { CloseButton } from '@mantine/core'
import { Notice, ProblemNotice } from './Notice.tsx'
import classes from './Toasts.module.css'
import { dismissToast, useToasts } from './toasts.ts'

export function Toasts() {
  const toasts = useToasts()
  return (
    <section className={classes.toasts} aria-label="Reports" aria-live="polite" data-testid="toasts">
      {toasts.map((toast) => {
        const close = <CloseButton size="sm" aria-label="Dismiss" onClick={() => dismissToast(toast.id)} />
        if (toast.kind === 'problem') {
          return (
            <ProblemNotice
              key={toast.id}
              problem={toast.problem}
              attempt={toast.attempt}
              aside={close}
              testId="toast-problem"
            />
          )
        }
        return (
          <Notice
            key={toast.id}
            tone={toast.kind === 'news' ? 'bad' : 'good'}
            title={toast.title}
            aside={close}
            testId={`toast-${toast.kind}`}
          >
            {toast.text}
          </Notice>
        )
      })}
    </section>
  )
}
