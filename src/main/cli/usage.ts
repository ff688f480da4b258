// What --help prints.

export const usage = `Singleton Workbench, without a window.

  assess HOST… [--json]           what the host could give back; changes nothing
  scrub HOST… [--dry-run]         evict image pages from the host's cache that a guest holds
        [--image PATH]… [--yes] [--json]
  ksm status|start|stop|unmerge|restore HOST… [--yes] [--json]
  ksm merge GUEST on|off HOST… [--yes] [--json]
                                  whether KSM may merge one guest, without restarting it
  policy preview|status HOST… [--policy FILE] [--json]
                                  what a policy would do; what runs on the host, and who runs it
  policy start HOST… [--policy FILE] [--for TIME] [--yes] [--json]
                                  runs it until interrupted (or for 90s, 15m, 2h), says what it does, then puts
                                  everything back; without --policy: adaptive scrubbing, governed KSM
  policy stop HOST…               only what this very session runs: another one is named
  policy rollout HOST… [--policy FILE] [--stages 1,25%,100%] [--wait 60s] [--for TIME] [--yes] [--json]
                                  the same in stages, in the order of the hosts: the next stage begins when the
                                  guards of all hosts have held for --wait; when one trips, or a host fails, all
                                  that were started are put back; at the end it runs on as "start" does
  hosts list [--json]             hosts that the workbench keeps
  hosts add HOST [--name NAME]
  hosts remove HOST
  hosts uninstall HOST… [--yes]   remove the helper from the host, all versions; its audit and the saved original
                                  KSM settings stay, and the host stays in the list
  report --out FILE [HOST…]       assess and write FILE (.html, .json or .csv); all saved hosts by default
  --help, --version

HOST is "local" (this machine), the name of a saved host, an alias of ~/.ssh/config, or [user@]host[:port].
Keys, agent and known_hosts are those of $HOME/.ssh; what is unknown is asked for on a terminal.

On a terminal, acts that change a host ask first; --yes answers for you. Elsewhere the command itself is the
consent, but "ksm unmerge" always needs --yes there: it takes memory.

--json prints an array with one document per host, each with its "address"; a host that failed has a "problem".
"policy rollout" prints one document with its stages and hosts, and answers 0 only if every host ran the policy at
the end, 1 if one was refused, tripped or was lost.
Exit code: 0 when every host answered, 1 when one did not, 2 for a wrong command line, 130 when interrupted.
`
