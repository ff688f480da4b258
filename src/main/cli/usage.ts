// What --help prints.

export const usage = `Singleton Workbench, without a window.

  assess HOST… [--json]           show what the host could give back; changes nothing
  scrub HOST… [--dry-run]         evict cached image pages that a guest holds as well
        [--image PATH]… [--yes] [--json]
  ksm status|start|stop|unmerge|restore HOST… [--yes] [--json]
  ksm merge GUEST on|off HOST… [--yes] [--json]
                                  allow or forbid KSM to merge one guest, without a restart
  policy preview|status HOST… [--policy FILE] [--json]
                                  show what a policy would do; show what runs on the host, and who
                                  runs it
  policy start HOST… [--policy FILE] [--for TIME] [--replace] [--yes] [--json]
                                  run it until interrupted (or for 90s, 15m, 2h) and say what it does, then put
                                  everything back; without --policy: adaptive scrubbing, governed KSM. Where the
                                  host's service was given another policy, says whose, and needs --replace
  policy stop HOST…               end the policy of this session or of the host's service; a policy of another
                                  process is only named
  policy rollout HOST… [--policy FILE] [--stages 1,25%,100%] [--wait 60s] [--for TIME] [--yes] [--json]
                                  the same in stages, in the order of the hosts. The next stage begins when the
                                  guards of all hosts have held for --wait. When a guard trips or a host fails,
                                  every host that was started is put back. After the last stage the policy
                                  keeps running, as with "start"
  service install HOST… [--policy FILE [--replace]] [--yes] [--json]
                                  install a unit of systemd that goes on with a policy when nobody is connected,
                                  and after reboots; without --policy it takes the policy file of the host, if any;
                                  --replace replaces another policy file of the host
  service upgrade|rollback HOST… [--yes] [--json]
                                  run this build, or the one before; what is merged stays merged
  service remove HOST… [--yes] [--json]
                                  put everything back and leave nothing but the audit
  service status HOST… [--json]   show what the service runs
  experiment plan|run HOST… [--arms off,adaptive] [--phase 30s] [--pairs 10] [--warm-up 5s]
        [--metric read-latency|hit-ratio|reads-per-second|memory|guests-carried] [--margin 10]
        [--min-reads 100] [--seed N] [--slowdown 5] [--ignore-policy-guards] [--cold] [--out FILE] [--yes] [--json]
                                  run two policies in turn and say whether the second is better, worse, no different
                                  or cannot be told, with intervals. Arms: off, adaptive, periodic:SECONDS, or a
                                  policy by its name. "plan" says how long it takes and what it changes, and
                                  changes nothing
  experiment list [--json]        list the experiments of the workbench and the command line
  experiment show ID [--out FILE] [--json]
  experiment resume ID [--out FILE] [--yes] [--json]
                                  go on with one whose command line was killed
  experiment remove ID
  hosts list [--json]             list the saved hosts
  hosts add HOST [--name NAME]
  hosts remove HOST
  hosts uninstall HOST… [--yes]   remove the helper from the host, all versions; its audit and the saved original
                                  KSM settings stay, and the host stays in the list
  report [HOST…] --out FILE [--format pdf|html|csv|json] [--range 7d] [--template NAME] [--recorded]
                                  assess and write a report on what was won: before and after for every quantity,
                                  charts of the range from the workbench's history; all saved hosts by default.
                                  --recorded connects to no host and takes what the workbench has recorded;
                                  --template takes hosts, range, format and chapters of a template of the workbench
  compare HOST… --metric METRIC [--per host|gib|baseline] [--range 24h] [--from TIME --to TIME] [--json]
  compare HOST --metric METRIC --moment TIME [--range 24h] [--json]
                                  one quantity on several hosts, or on one before and after a moment, from what the
                                  workbench has recorded; connects to no host
  map HOST --out FILE.png [--quick]
                                  draw every page of guests' RAM and images' cache by its state; --quick compares no
                                  contents and answers in seconds
  forecast HOST HOST… [--yes] [--json]
                                  estimate which guests would share pages if they lived on one host; asks first, and
                                  says what it reveals
  capacity HOST… [--like GUEST] [--policy FILE] [--json]
                                  how many more guests like one each host carries, what limits them, and what a bad
                                  day takes when merged pages break: now, and under a policy (adaptive scrubbing,
                                  governed KSM unless --policy names one). Assesses first; changes nothing
  --help, --version

HOST is "local" (this machine), the name of a saved host, an alias of ~/.ssh/config, or [user@]host[:port].
Keys, agent and known_hosts are those of $HOME/.ssh. On a terminal, the command asks for what it does not know.

On a terminal, commands that change a host ask first; --yes answers for you. Without a terminal, the command itself
is the consent, but "ksm unmerge" needs --yes, because it takes memory.

--json prints an array with one document per host, each with its "address"; a host that failed has a "problem".
"policy status" and "policy start" exit with 1 also where the policy ended by itself on a host.
"policy rollout" prints one document with its stages and hosts, and exits with 0 only if every host ran the policy at
the end, with 1 if one was refused, tripped a guard or was lost.
"experiment run" prints the document that resources/experiment.schema.json describes.
"experiment run" and "resume" exit with 0 when the experiment ran to its end, whatever the verdict, and with 3 when a
guard, an error or a lost host ended it.
"capacity --json" prints documents that resources/capacity.schema.json describes. It exits with 0 also where a figure is
not known: the document says why.
Exit code: 0 when every host answered, 1 when one did not, 2 for a wrong command line, 130 when interrupted.
`
