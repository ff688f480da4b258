// The man page and the completion of the one command, both made from what --help prints.
import { usage } from '../../src/main/cli/usage.ts'

/** roff: a line that begins with a dot or a quote would be a request. Pure. */
function escapeRoff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^(?=[.'])/gm, '\\&')
}

/** Section 1, in man(7). */
export function renderManPage(version: string): string {
  return `.TH SINGLETON\\-WORKBENCH 1 "" "Singleton Workbench ${version}" "User Commands"
.SH NAME
singleton\\-workbench \\- measure and reclaim memory that guests of KVM hosts hold twice
.SH SYNOPSIS
.B singleton\\-workbench serve
[\\-\\-port N] [\\-\\-print\\-link]
.br
.B singleton\\-workbench
.I COMMAND
[HOST...] [OPTION...]
.SH DESCRIPTION
\\fBserve\\fR runs the workbench for a browser, on 127.0.0.1 only, and prints a link that opens one page, once.
\\fB\\-\\-print\\-link\\fR asks the running workbench for one more. From another machine, forward the port first:
.PP
.nf
    ssh \\-L 8417:127.0.0.1:8417 THIS\\-MACHINE
.fi
.PP
All other commands run without a browser:
.PP
.nf
${escapeRoff(usage)}.fi
.SH FILES
.TP
.I /var/lib/singleton\\-workbench
Hosts, history and keys of the service singleton\\-workbench.service, which runs as a user of its own. It is not
enabled at installation.
.TP
.I ~/.local/share/singleton\\-workbench
The same of a person who runs the command.
`
}

/** The commands that --help names, each with the words that may follow it. Pure. */
export function listCommands(text = usage): ReadonlyMap<string, readonly string[]> {
  const commands = new Map<string, string[]>()
  for (const [, command = '', rest = ''] of text.matchAll(
    /^ {2}([a-z]+)(?: ([a-z]+(?:\|[a-z]+)*))?(?= |$)/gm,
  )) {
    const words = rest === '' ? [] : rest.split('|')
    commands.set(command, [...new Set([...(commands.get(command) ?? []), ...words])])
  }
  return commands
}

/** The options that --help names. Pure. */
export function listOptions(text = usage): readonly string[] {
  return [...new Set([...text.matchAll(/(?<![\w-])--[a-z][a-z-]*/g)].map(([option]) => option))].sort()
}

export function renderCompletion(): string {
  const commands = listCommands()
  const cases = [...commands]
    .filter(([, words]) => words.length > 0)
    .map(([command, words]) => `    ${command}) words='${words.join(' ')}' ;;`)
  return `# bash completion for singleton-workbench
_singleton_workbench() {
  local current=\${COMP_WORDS[COMP_CWORD]} words=''
  if [[ $current == -* ]]; then
    words='${listOptions().join(' ')} --port --print-link'
  elif [[ $COMP_CWORD -eq 1 ]]; then
    words='serve ${[...commands.keys()].join(' ')}'
  elif [[ $COMP_CWORD -eq 2 ]]; then
    case \${COMP_WORDS[1]} in
${cases.join('\n')}
    esac
  fi
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
  [[ \${#COMPREPLY[@]} -gt 0 || $current == -* ]] || compopt -o default
}
complete -F _singleton_workbench singleton-workbench
`
}
