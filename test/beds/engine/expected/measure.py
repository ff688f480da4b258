"""Computes what `assess` and `scrub` should find, with other code: /proc/<pid>/mem, Python's hash, mincore by ctypes.

usage: measure.py [--again] PID... -- IMAGE...    guests by pid, images by path; guests should be stopped meanwhile
Prints one JSON document, in pages. With --again it then waits for a line on its input, looks at the images once more, and prints
what depends on them as it is then, for the same guests. For 12 GiB it takes about half a minute and 300 MiB.
"""
import array
import json
import os
import re
import sys

from residency import contents_of_resident

PAGE = os.sysconf("SC_PAGE_SIZE")
WINDOW_PAGES = 4096
# Smaller blocks are video memory, ROMs and tables.
SMALLEST_RAM = 32 << 20
KSM, ZERO_PAGE = 1 << 21, 1 << 24
PRESENT, FRAME = 1 << 63, (1 << 55) - 1
ZERO_DIGEST = hash(bytes(PAGE))

# What a page is: of its guest alone, merged by KSM, or a mapping of the kernel's zero page; and whether KSM looks at it.
OWN, MERGED, KERNEL_ZERO, MERGEABLE = 0, 1, 2, 4


class Guest:
    def __init__(self, pid):
        self.pid = pid
        self.ram_pages = 0
        self.is_mergeable = False
        self.other_pages = 0
        # Of each present page: its number, all blocks one behind the other.
        self.places = array.array("I")
        self.digests = array.array("q")
        self.frames = array.array("Q")
        self.kinds = bytearray()
        self.opened = set(self._list_opened())

    def _list_opened(self):
        """Device and inode of each file that it has open."""
        folder = f"/proc/{self.pid}/fd"
        for name in os.listdir(folder):
            try:
                stat = os.stat(f"{folder}/{name}")
            except OSError:
                continue
            yield stat.st_dev, stat.st_ino

    def pages(self):
        return zip(self.digests, self.frames, self.kinds)


def memory_of(pid):
    """RAM (large, and kept from children: VmFlags dc), then all else that KSM looks at (mg), each with whether it does."""
    ram, others = [], []
    with open(f"/proc/{pid}/smaps") as smaps:
        for line in smaps:
            match = re.match(r"([0-9a-f]+)-([0-9a-f]+) (\S+) ", line)
            if match:
                start, end, permissions = int(match[1], 16), int(match[2], 16), match[3]
            elif line.startswith("VmFlags:"):
                flags = set(line.split()[1:])
                is_mergeable = "mg" in flags and not flags & {"sh", "ht"}
                is_ram = "dc" in flags and permissions.startswith("rw") and end - start >= SMALLEST_RAM
                if (is_ram or is_mergeable) and not flags & {"io", "pf"}:
                    (ram if is_ram else others).append((start, end, is_mergeable))
    return ram + others


def flags_of(frames, kpageflags):
    """Flags of many page frames; one read for each run of neighbours."""
    flags = array.array("Q")
    begin = 0
    for index in range(1, len(frames) + 1):
        if index == len(frames) or frames[index] != frames[index - 1] + 1:
            flags.frombytes(os.pread(kpageflags, (index - begin) * 8, frames[begin] * 8))
            begin = index
    return flags


def read_present(memory, start, present):
    """Yields the content of pages, given by their numbers in a window that begins at an address."""
    begin = 0
    for index in range(1, len(present) + 1):
        if index == len(present) or present[index] != present[index - 1] + 1:
            content = os.pread(memory, (index - begin) * PAGE, start + present[begin] * PAGE)
            if len(content) != (index - begin) * PAGE:
                raise OSError(f"cannot read {index - begin} pages at {start:x}")
            for at in range(0, len(content), PAGE):
                yield content[at : at + PAGE]
            begin = index


def read_guest(pid, kpageflags):
    guest = Guest(pid)
    pagemap = os.open(f"/proc/{pid}/pagemap", os.O_RDONLY)
    memory = os.open(f"/proc/{pid}/mem", os.O_RDONLY)
    for ram_start, ram_end, is_mergeable in memory_of(pid):
        first = guest.ram_pages
        guest.ram_pages += (ram_end - ram_start) // PAGE
        guest.is_mergeable |= is_mergeable and ram_end - ram_start >= SMALLEST_RAM
        for start in range(ram_start, ram_end, WINDOW_PAGES * PAGE):
            entries = array.array("Q")
            pages = min(WINDOW_PAGES, (ram_end - start) // PAGE)
            entries.frombytes(os.pread(pagemap, pages * 8, start // PAGE * 8))
            present = [index for index, entry in enumerate(entries) if entry & PRESENT]
            frames = [entries[index] & FRAME for index in present]
            for flags in flags_of(frames, kpageflags):
                kind = MERGED if flags & KSM else KERNEL_ZERO if flags & ZERO_PAGE else OWN
                guest.kinds.append(kind | (MERGEABLE if is_mergeable else 0))
            window = first + (start - ram_start) // PAGE
            guest.places.extend(window + index for index in present)
            guest.frames.extend(frames)
            guest.digests.extend(map(hash, read_present(memory, start, present)))
    os.close(pagemap)
    os.close(memory)
    return guest


def ksm_zero_pages(pid):
    """Pages that KSM gave back by mapping the kernel's zero page: 0 where the kernel does not report any."""
    with open(f"/proc/{pid}/ksm_stat") as ksm_stat:
        match = re.search(r"^ksm_zero_pages:? (\d+)$", ksm_stat.read(), re.MULTILINE)
    return int(match[1]) if match else 0


class Contents:
    """Of each content: how many pages hold it, and in how many frames, own and merged, that KSM could make one of."""

    def __init__(self, guests):
        self.sites, self.own, self.merged, self.shared_by = {}, {}, {}, {}
        for guest in guests:
            for digest, frame, kind in guest.pages():
                self.sites[digest] = self.sites.get(digest, 0) + 1
                if kind & MERGED:
                    self.shared_by[frame] = self.shared_by.get(frame, 0) + 1
                    if self.shared_by[frame] == 1:
                        self.merged[digest] = self.merged.get(digest, 0) + 1
                elif kind == MERGEABLE | OWN:
                    self.own[digest] = self.own.get(digest, 0) + 1

    def mergeable(self):
        frames = sum(self.own.values()) + sum(self.merged.values())
        return frames - len(self.own.keys() | self.merged.keys())

    def share_of(self, digest, kind):
        """What one page of a content would give back: those not merged yet do first."""
        own, merged = self.own.get(digest, 0), self.merged.get(digest, 0)
        if own:
            return (own + merged - 1) / own if kind == MERGEABLE | OWN else 0
        return (merged - 1) / self.sites[digest] if kind & MERGED else 0


def sum_guest(guest, contents):
    sums = dict.fromkeys(["zeroPages", "identicalPages", "kernelZeroPages", "mergedPages", "mergeablePages"], 0)
    for digest, frame, kind in guest.pages():
        sums["zeroPages"] += digest == ZERO_DIGEST
        sums["identicalPages"] += contents.sites[digest] > 1
        if kind & KERNEL_ZERO:
            sums["kernelZeroPages"] += 1
            continue
        if kind & MERGED:
            sums["mergedPages"] += 1 - 1 / contents.shared_by[frame]
        sums["mergeablePages"] += contents.share_of(digest, kind)
    by_ksm = ksm_zero_pages(guest.pid)
    sums["mergedPages"] += by_ksm
    sums["freedZeroPages"] = sums.pop("kernelZeroPages") - by_ksm
    return {"ramPages": guest.ram_pages, "otherPages": guest.other_pages, "residentPages": len(guest.digests), **sums}


def count_double_cached(guest, resident, guests):
    """Pages of a guest that the page cache holds as well, of all images that it vouches for."""
    cached = set()
    for path, digests in resident.items():
        if vouches(guest, path, guests):
            cached.update(digests)
    cached.discard(ZERO_DIGEST)
    return sum(digest in cached for digest in guest.digests)


def vouches(guest, path, guests):
    """Has it open; and is merged like others, or nobody else has it open."""
    stat = os.stat(path)
    key = stat.st_dev, stat.st_ino
    openers = sum(key in other.opened for other in guests)
    return key in guest.opened and (guest.is_mergeable or openers == 1)


def sum_image(path, digests, guests):
    wanted = set(digests)
    by_opener, by_other = set(), set()
    for guest in guests:
        held = by_opener if vouches(guest, path, guests) else by_other
        held.update(wanted.intersection(guest.digests))
    return {
        "residentPages": len(digests),
        "doubleCachedPages": sum(digest in by_opener for digest in digests),
        "heldElsewherePages": sum(digest in by_other and digest not in by_opener for digest in digests),
    }


def look_at(images):
    return {path: [hash(content) for content in contents_of_resident(path)] for path in images}


def sum_cached(resident, guests):
    """What depends on the page cache: of images by path, of guests by pid."""
    return {
        "images": {path: sum_image(path, digests, guests) for path, digests in resident.items()},
        "doubleCachedPages": {guest.pid: count_double_cached(guest, resident, guests) for guest in guests},
    }


def main():
    args = sys.argv[1:]
    again = args[0] == "--again"
    split = args.index("--")
    pids, images = [int(pid) for pid in args[1 if again else 0 : split]], args[split + 1 :]
    kpageflags = os.open("/proc/kpageflags", os.O_RDONLY)
    guests = [read_guest(pid, kpageflags) for pid in pids]
    contents = Contents(guests)
    sums = {guest.pid: sum_guest(guest, contents) for guest in guests}
    cached = sum_cached(look_at(images), guests)
    print(json.dumps({"guests": sums, **cached, "mergeablePages": contents.mergeable()}), flush=True)
    if again and sys.stdin.readline():
        print(json.dumps(sum_cached(look_at(images), guests)))


if __name__ == "__main__":
    main()
