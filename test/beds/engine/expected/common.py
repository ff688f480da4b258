"""How many different contents the guests of one host have in common with those of another, with other code than the helper's.

usage: common.py PID... -- PID...    guests by pid; they should be stopped meanwhile
Prints one JSON document, in pages. Pages of zeros and those that KSM leaves alone do not count.
"""
import json
import os
import sys

from measure import KERNEL_ZERO, MERGEABLE, ZERO_DIGEST, read_guest


def contents(pids, kpageflags):
    found = set()
    for pid in pids:
        for digest, _, kind in read_guest(pid, kpageflags).pages():
            if kind & MERGEABLE and not kind & KERNEL_ZERO and digest != ZERO_DIGEST:
                found.add(digest)
    return found


def main():
    split = sys.argv.index("--")
    kpageflags = os.open("/proc/kpageflags", os.O_RDONLY)
    first = contents([int(pid) for pid in sys.argv[1:split]], kpageflags)
    second = contents([int(pid) for pid in sys.argv[split + 1 :]], kpageflags)
    print(json.dumps({"first": len(first), "second": len(second), "common": len(first & second)}))


if __name__ == "__main__":
    main()
