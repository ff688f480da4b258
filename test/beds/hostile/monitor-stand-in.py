# A process that the helper takes for a guest with a QMP socket: run by a copy of Python that is called as QEMU is.
# usage: qemu-system-x86_64 monitor-stand-in.py MODE -name NAME -qmp unix:PATH,server=on -drive file=x,aio=io_uring
#   honest    greets and answers as QEMU does
#   mute      takes connections and says nothing
#   absent    has no socket
#   closed    listens, and takes no connection from the queue
# "ready" is written to stdout when it listens. What it was sent goes to stderr.
import json, os, socket, sys

mode = sys.argv[1]
if mode == "absent":
    print("ready", flush=True)
    sys.stdin.read()
    sys.exit()
path = sys.argv[sys.argv.index("-qmp") + 1][len("unix:") :].split(",")[0]
listener = socket.socket(socket.AF_UNIX)
listener.bind(path)
os.chmod(path, 0o777)
listener.listen(1)
print("ready", flush=True)

answers = {
    "qmp_capabilities": {},
    "query-blockstats": [
        {"device": "disk0", "stats": {"rd_bytes": 4096, "rd_operations": 1, "wr_bytes": 0, "wr_operations": 0}}
    ],
    "query-block": [],
}
held = []
while True:
    if mode == "closed":
        sys.stdin.read()
        break
    connection, _ = listener.accept()
    print("connected", file=sys.stderr, flush=True)
    if mode == "mute":
        held.append(connection)
        continue
    try:
        connection.sendall(b'{"QMP": {"version": {}, "capabilities": []}}\n')
        for line in connection.makefile("r"):
            request = json.loads(line)
            print(request["execute"], file=sys.stderr, flush=True)
            reply = {"return": answers[request["execute"]], "id": request["id"]}
            connection.sendall((json.dumps(reply) + "\n").encode())
    except OSError:
        pass  # The peer hung up: on to the next.
    connection.close()
