"""Page cache of files, page by page, with other code than the helper's.

usage: residency.py show FILE...        JSON: path -> a string of 0 and 1, one digit a page
       residency.py drop FILE FROM TO   asks the kernel to evict the clean pages of a range, in bytes
"""
import json
import os
import sys

from measure import residency_of


def main():
    if sys.argv[1] == "show":
        print(json.dumps({path: "".join(map(str, residency_of(path))) for path in sys.argv[2:]}))
    else:
        fd = os.open(sys.argv[2], os.O_RDONLY)
        start, end = int(sys.argv[3]), int(sys.argv[4])
        os.posix_fadvise(fd, start, end - start, os.POSIX_FADV_DONTNEED)


if __name__ == "__main__":
    main()
