"""Computes what `assess` and `scrub` should find, with other code: /proc/<pid>/mem, hashlib, mincore by ctypes.

usage: measure.py PID... -- IMAGE...    guests by pid, images by path; guests should be stopped meanwhile
Prints one JSON document, in pages.
"""
import ctypes
import hashlib
import json
import mmap
import os
import re
import struct
import sys

PAGE = mmap.PAGESIZE
KSM, ZERO_PAGE = 1 << 21, 1 << 24
libc = ctypes.CDLL(None, use_errno=True)


def ram_of(pid):
    """The largest private anonymous mapping, and whether it is offered to KSM."""
    best = (0, 0, False)
    with open(f"/proc/{pid}/smaps") as smaps:
        head = None
        for line in smaps:
            match = re.match(r"([0-9a-f]+)-([0-9a-f]+) rw-p \S+ \S+ 0 *$", line)
            if re.match(r"[0-9a-f]+-[0-9a-f]+ ", line):
                head = match and (int(match[1], 16), int(match[2], 16))
            if head and line.startswith("VmFlags:") and head[1] - head[0] > best[1] - best[0]:
                best = (head[0], head[1], " mg" in line)
    return best


def flags_of(frame, kpageflags):
    return struct.unpack("<Q", os.pread(kpageflags, 8, frame * 8))[0]


def read_guest(pid, kpageflags):
    """Yields (digest, frame or None for the kernel's zero page, merged, mergeable) of each present page."""
    start, end, mergeable = ram_of(pid)
    pagemap = os.open(f"/proc/{pid}/pagemap", os.O_RDONLY)
    memory = os.open(f"/proc/{pid}/mem", os.O_RDONLY)
    entries = os.pread(pagemap, (end - start) // PAGE * 8, start // PAGE * 8)
    for index, (entry,) in enumerate(struct.iter_unpack("<Q", entries)):
        if not entry >> 63:
            continue
        frame = entry & ((1 << 55) - 1)
        flags = flags_of(frame, kpageflags)
        content = os.pread(memory, PAGE, start + index * PAGE)
        digest = hashlib.blake2b(content, digest_size=16).digest()
        yield digest, None if flags & ZERO_PAGE else frame, bool(flags & KSM), mergeable
    os.close(pagemap)
    os.close(memory)


def ksm_zero_pages(pid):
    """Pages that KSM gave back by mapping the kernel's zero page: 0 where the kernel does not report any."""
    with open(f"/proc/{pid}/ksm_stat") as ksm_stat:
        match = re.search(r"^ksm_zero_pages:? (\d+)$", ksm_stat.read(), re.MULTILINE)
    return int(match[1]) if match else 0


def residency_of(path):
    libc.mmap.restype = ctypes.c_void_p
    libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t] + [ctypes.c_int] * 3 + [ctypes.c_long]
    libc.mincore.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p]
    libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
    fd = os.open(path, os.O_RDONLY)
    size = os.fstat(fd).st_size
    address = libc.mmap(None, size, mmap.PROT_READ, mmap.MAP_SHARED, fd, 0)
    vector = (ctypes.c_ubyte * ((size + PAGE - 1) // PAGE))()
    if libc.mincore(address, size, vector) != 0:
        raise OSError(ctypes.get_errno(), "mincore")
    libc.munmap(address, size)
    os.close(fd)
    return [byte & 1 for byte in vector]


def read_image(path):
    """Yields the digest of each resident page, touching no other."""
    resident = residency_of(path)
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as view:
        view.madvise(mmap.MADV_RANDOM)
        for page, is_resident in enumerate(resident):
            if is_resident:
                content = view[page * PAGE : (page + 1) * PAGE].ljust(PAGE, b"\0")
                yield hashlib.blake2b(content, digest_size=16).digest()


def main():
    split = sys.argv.index("--")
    pids, images = [int(pid) for pid in sys.argv[1:split]], sys.argv[split + 1 :]
    kpageflags = os.open("/proc/kpageflags", os.O_RDONLY)
    zero = hashlib.blake2b(bytes(PAGE), digest_size=16).digest()
    frames, sites, shared_by, guests = {}, {}, {}, {}
    for pid in pids:
        pages = list(read_guest(pid, kpageflags))
        guests[pid] = pages
        for digest, frame, merged, mergeable in pages:
            sites[digest] = sites.get(digest, 0) + 1
            if mergeable and frame is not None:
                frames.setdefault(digest, set()).add(frame)
            if merged:
                shared_by[frame] = shared_by.get(frame, 0) + 1
    result = {"guests": {}, "images": {}}
    for pid, pages in guests.items():
        result["guests"][pid] = {
            "residentPages": len(pages),
            "zeroPages": sum(digest == zero for digest, *_ in pages),
            "identicalPages": sum(sites[digest] > 1 for digest, *_ in pages),
            "freedZeroPages": sum(frame is None for _, frame, *_ in pages) - ksm_zero_pages(pid),
            "mergedPages": ksm_zero_pages(pid)
            + sum(1 - 1 / shared_by[frame] for _, frame, merged, _ in pages if merged),
        }
    result["mergeablePages"] = sum(len(of_content) - 1 for of_content in frames.values())
    for path in images:
        digests = list(read_image(path))
        held = sum(digest in sites for digest in digests)
        result["images"][path] = {"residentPages": len(digests), "doubleCachedPages": held}
    print(json.dumps(result))


if __name__ == "__main__":
    main()
