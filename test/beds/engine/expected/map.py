"""In which state the memory map should show each page of guests' RAM, with other code than the helper's.

usage: map.py PID... -- IMAGE...    guests by pid, images by path; guests should be stopped meanwhile
Prints one JSON document: pid -> a letter for each page, present or not, as in LETTERS.
"""
import json
import os
import sys

from measure import MERGED, ZERO_DIGEST, Contents, look_at, read_guest, vouches

LETTERS = {
    "zero": "z",
    "merged": "m",
    "doubleCached": "d",
    "identicalBetween": "b",
    "identicalWithin": "w",
    "unique": "u",
    "notPresent": "n",
}


def state_of(digest, kind, cached, held_by_others, twice):
    """Of several that hold, the first counts."""
    if digest == ZERO_DIGEST:
        return "zero"
    if kind & MERGED:
        return "merged"
    if digest in cached:
        return "doubleCached"
    if digest in held_by_others:
        return "identicalBetween"
    return "identicalWithin" if digest in twice else "unique"


def map_guest(guest, others, cached):
    held_by_others = set().union(*(other.digests for other in others))
    twice = {digest for digest, sites in Contents([guest]).sites.items() if sites > 1}
    letters = [LETTERS["notPresent"]] * guest.ram_pages
    for place, digest, kind in zip(guest.places, guest.digests, guest.kinds):
        letters[place] = LETTERS[state_of(digest, kind, cached, held_by_others, twice)]
    return "".join(letters)


def main():
    split = sys.argv.index("--")
    kpageflags = os.open("/proc/kpageflags", os.O_RDONLY)
    guests = [read_guest(int(pid), kpageflags) for pid in sys.argv[1:split]]
    resident = look_at(sys.argv[split + 1 :])
    result = {}
    for guest in guests:
        vouched = [digests for path, digests in resident.items() if vouches(guest, path, guests)]
        others = [other for other in guests if other is not guest]
        result[guest.pid] = map_guest(guest, others, set().union(*vouched))
    print(json.dumps(result))


if __name__ == "__main__":
    main()
