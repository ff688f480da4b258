"""Page cache of files, page by page, with other code than the helper's.

usage: residency.py show FILE...        JSON: path -> a string of 0 and 1, one digit a page
       residency.py drop FILE FROM TO   asks the kernel to evict the clean pages of a range, in bytes
"""
import ctypes
import json
import mmap
import os
import sys

PAGE = mmap.PAGESIZE
libc = ctypes.CDLL(None, use_errno=True)


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


def contents_of_resident(path):
    """Yields the content of each resident page, touching no other."""
    resident = residency_of(path)
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as view:
        view.madvise(mmap.MADV_RANDOM)
        for page, is_resident in enumerate(resident):
            if is_resident:
                yield view[page * PAGE : (page + 1) * PAGE].ljust(PAGE, b"\0")


def main():
    if sys.argv[1] == "show":
        print(json.dumps({path: "".join(map(str, residency_of(path))) for path in sys.argv[2:]}))
    else:
        fd = os.open(sys.argv[2], os.O_RDONLY)
        start, end = int(sys.argv[3]), int(sys.argv[4])
        os.posix_fadvise(fd, start, end - start, os.POSIX_FADV_DONTNEED)


if __name__ == "__main__":
    main()
