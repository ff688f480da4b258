"""Serves a file system by FUSE with one file, disk.iso, as a user's program would; needs nothing but the kernel.

  fuse-disk.py MOUNTPOINT USER_ID SIZE_MIB [allow_other] [mute | swallowing | refusing | squashing]

Prints "ready" once it is mounted. Once it reads a line on its standard input it answers nothing more with mute, takes what it is
asked with swallowing as well, so that no signal ends the wait of those who ask, and with
refusing lets nobody open the file, as a guest_memfd does. With squashing it never lets root open it, as an NFS server that
squashes root.
Ends, and unmounts, when its standard input ends.
"""
import ctypes
import os
import select
import struct
import sys

LOOKUP, GETATTR, OPEN, READ, STATFS, RELEASE, FLUSH, INIT, OPENDIR = 1, 3, 14, 15, 17, 18, 25, 26, 27
FORGET, RELEASEDIR, BATCH_FORGET = 2, 29, 42
ENOENT, ENXIO, EACCES, ENOSYS = 2, 6, 13, 38

libc = ctypes.CDLL(None, use_errno=True)


def mount(fd, point, options):
    if libc.mount(b"stranger", point.encode(), b"fuse.stranger", 6, options.encode()) != 0:
        raise OSError(ctypes.get_errno(), "mount")


def attributes(node, size):
    mode, links = (0o40755, 2) if node == 1 else (0o100644, 1)
    size = 0 if node == 1 else size
    return struct.pack("<QQQQQQIIIIIIIIII", node, size, size // 512, 0, 0, 0, 0, 0, 0, mode, links, 0, 0, 0, 4096, 0)


def answer(opcode, node, body, size):
    """Bytes, or the number of an error."""
    if opcode == INIT:
        return struct.pack("<IIIIHHIIHHI28x", 7, 31, 65536, 0, 8, 8, 65536, 1, 16, 0, 0)
    if opcode == LOOKUP:
        if body.rstrip(b"\0") != b"disk.iso":
            return ENOENT
        return struct.pack("<QQQQII", 2, 0, 0, 0, 0, 0) + attributes(2, size)
    if opcode == GETATTR:
        return struct.pack("<QII", 0, 0, 0) + attributes(node, size)
    if opcode in (OPEN, OPENDIR):
        return struct.pack("<QII", 0, 2, 0)
    if opcode == READ:
        _, offset, length = struct.unpack_from("<QQI", body)
        return b"\1" * max(0, min(length, size - offset))
    if opcode == STATFS:
        return struct.pack("<QQQQQIIII24x", 1, 0, 0, 1, 0, 4096, 255, 4096, 0)
    return b"" if opcode in (RELEASE, RELEASEDIR, FLUSH) else ENOSYS


def main():
    point, user, size = sys.argv[1], sys.argv[2], int(sys.argv[3]) << 20
    fd = os.open("/dev/fuse", os.O_RDWR)
    options = f"fd={fd},rootmode=40000,user_id={user},group_id={user}"
    mount(fd, point, options + (",allow_other" if "allow_other" in sys.argv else ""))
    print("ready", flush=True)
    is_mute = is_swallowing = is_refusing = False
    while True:
        ready = select.select([0] if is_mute else [fd, 0], [], [])[0]
        if 0 in ready:
            if os.read(0, 100) == b"":
                break
            is_mute = "mute" in sys.argv
            is_swallowing = "swallowing" in sys.argv
            is_refusing = "refusing" in sys.argv
            print("heard", flush=True)
            continue
        request = os.read(fd, 1 << 18)
        _, opcode, unique, node, uid = struct.unpack_from("<IIQQI", request)
        if opcode in (FORGET, BATCH_FORGET) or is_swallowing:
            continue
        reply = answer(opcode, node, request[40:], size)
        if opcode == OPEN and is_refusing:
            reply = ENXIO
        if opcode == OPEN and uid == 0 and "squashing" in sys.argv:
            reply = EACCES
        error, data = (-reply, b"") if isinstance(reply, int) else (0, reply)
        os.write(fd, struct.pack("<IiQ", 16 + len(data), error, unique) + data)
    # Whoever waits for an answer gets an error with this.
    libc.umount2(point.encode(), 2)


main()
