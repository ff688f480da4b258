// The unit of the service, from its template. Pure.
import { Problem } from '../../../src/shared/problem.ts'

const placeholder = '@PROGRAM@'

/** Throws `bad-input` for a path that systemd would read otherwise than it is written. */
export function renderUnit(template: string, program: string): string {
  if (!/^\/[\w./-]+$/.test(program))
    throw new Problem('bad-input', `cannot write the unit: systemd has its own meaning for ${program}`)
  const text = template.replaceAll(placeholder, () => program)
  if (programOfUnit(text) !== program)
    throw new Problem('internal', `cannot write the unit: the template does not start ${placeholder}`)
  return text
}

/** The program that a unit of ours runs; undefined: it is not one of ours. */
export function programOfUnit(text: string): string | undefined {
  return /^ExecStart=(\/\S+) service run$/m.exec(text)?.[1]
}
