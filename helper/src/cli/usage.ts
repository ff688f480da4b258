// The helper's own help.

export const usage = `usage: singleton-helper COMMAND [OPTIONS]

Measures what a KVM host could give back, and gives it back.

  probe                              what this kernel and these privileges allow
  assess [--policy FILE] [--cpu-percent N]
                                     mergeable and double-cached memory; changes nothing
  scrub [--dry-run] [--flush-dirty] [--image PATH]... [--policy FILE] [--cpu-percent N]
                                     evict clean page cache of images that a guest holds too
  ksm status|start|stop|unmerge|restore
                                     kernel same-page merging; restore puts the original settings back
  ksm merge GUEST on|off             whether KSM may merge one guest, through its monitor, without a restart
  govern [--policy FILE] [--dry-run] [--once] [--record FILE]
                                     scrub and govern KSM by a policy until a signal ends it, then put everything back
  service install|upgrade|rollback|remove|status [--policy FILE]
                                     a unit of systemd that runs the policy of /etc/singleton-helper/policy.json
                                     without anyone connected; install and upgrade take this very program
  service run                        what the unit runs
  service restore                    what the unit runs afterwards: puts back what a service left that was killed
  serve                              the contract over stdin and stdout, for the workbench

  --cpu-percent N
               use at most N % of a core; the default is what other work leaves (govern: 20 %)
  --threads 2  assess and scrub read guests with two threads
  --policy FILE
               assess and scrub leave out what the policy excludes, and name it
  --json       one JSON document on stdout
  --help       this text
  --version    version and build digest

Needs root. Exit code: 0 done, 1 a problem, 2 a wrong command line.
ksm start without a rate is a burst: 0 realised, 3 exhausted, 4 given up, 5 not worth one, 6 stopped before its end.
`
