"""Tells who opens a file: a line with the process for each opening, by fanotify; naming it by O_PATH is none.

  watch-opens.py PATH

Prints "ready" first. Ends when its standard input ends.
"""
import ctypes
import os
import select
import struct
import sys

FAN_CLOEXEC, FAN_NONBLOCK, FAN_REPORT_FID, FAN_MARK_ADD, FAN_OPEN, AT_FDCWD = 1, 2, 0x200, 1, 0x20, -100

libc = ctypes.CDLL(None, use_errno=True)


def main():
    # With file handles instead of descriptors, so that telling of an opening opens nothing.
    group = libc.fanotify_init(FAN_CLOEXEC | FAN_NONBLOCK | FAN_REPORT_FID, os.O_RDONLY)
    mask = ctypes.c_uint64(FAN_OPEN)
    if group < 0 or libc.fanotify_mark(group, FAN_MARK_ADD, mask, AT_FDCWD, sys.argv[1].encode()) != 0:
        raise OSError(ctypes.get_errno(), "fanotify")
    print("ready", flush=True)
    while True:
        ready = select.select([group, 0], [], [])[0]
        if group in ready:
            events = os.read(group, 1 << 16)
            while events:
                length, pid = struct.unpack_from("<I16xi", events)
                print(pid, flush=True)
                events = events[length:]
        elif os.read(0, 100) == b"":
            break


main()
