import type { PromptAnswer } from '../../shared/contract/index.ts'
import { useFleet, useStore } from '../store/use-fleet.ts'
import { toastProblem } from '../ui/toasts.ts'
import { HostKeyDialog } from './HostKeyDialog.tsx'
import { SecretDialog } from './SecretDialog.tsx'

/** Questions of main, one at a time, oldest first. */
export function Prompts() {
  const store = useStore()
  const prompts = useFleet((fleet) => fleet.prompts)
  const hosts = useFleet((fleet) => fleet.hosts)
  const [prompt] = prompts
  if (!prompt) return null
  const hostName = hosts?.find(({ host }) => host.id === prompt.hostId)?.host.name ?? prompt.question.address
  const answer = (value: PromptAnswer) => {
    store.answer(prompt.id, value).catch((error: unknown) => toastProblem('Answer the question', error))
  }
  const shared = { key: prompt.id, hostName, more: prompts.length - 1, onAnswer: answer }
  const { key, ...rest } = shared
  return prompt.question.kind === 'host-key' ? (
    <HostKeyDialog key={key} question={prompt.question} {...rest} />
  ) : (
    <SecretDialog key={key} question={prompt.question} keeping={prompt.keeping} {...rest} />
  )
}
