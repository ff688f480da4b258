#!/usr/bin/python3
"""Stands in for systemctl on a lab host: one unit of Type=notify, run without any sandbox. Source: systemctl(1)."""

import os
import re
import signal
import socket
import subprocess
import sys
import time

FOLDER = "/run/stand-in-systemd"
UNIT = "/etc/systemd/system/singleton-helper.service"
PID, ENABLED, SAID = (os.path.join(FOLDER, name) for name in ("pid", "enabled", "said"))


def read(path):
    try:
        with open(path) as file:
            return file.read().strip()
    except FileNotFoundError:
        return ""


def state_of(pid):
    """The letter of /proc/PID/stat; Z and nothing at all: it has ended."""
    text = read(f"/proc/{pid}/stat")
    return text.rsplit(")", 1)[1].split()[0] if text else "Z"


def running():
    pid = read(PID)
    return int(pid) if pid and state_of(pid) != "Z" else 0


def stop():
    pid = running()
    if pid:
        os.kill(pid, signal.SIGTERM)
        for _ in range(3000):
            if not running():
                break
            time.sleep(0.1)
        else:
            sys.exit("the unit does not stop")
    if os.path.exists(PID):
        os.remove(PID)


def start():
    if running():
        return
    program = re.search(r"^ExecStart=(.+)$", read(UNIT), re.M).group(1).split()
    path = os.path.join(FOLDER, "notify")
    if os.path.exists(path):
        os.remove(path)
    told = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    told.bind(path)
    told.settimeout(120)
    env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "NOTIFY_SOCKET": path}
    with open(SAID, "a") as said:
        child = subprocess.Popen(program, env=env, stdin=subprocess.DEVNULL, stdout=said, stderr=said, start_new_session=True)
    with open(PID, "w") as file:
        file.write(str(child.pid))
    while "READY=1" not in told.recv(4096).decode():
        pass


def show():
    pid = running()
    facts = {
        "LoadState": "loaded" if os.path.exists(UNIT) else "not-found",
        "ActiveState": "active" if pid else "inactive",
        "SubState": "running" if pid else "dead",
        "Result": "success",
        "UnitFileState": "enabled" if os.path.exists(ENABLED) else "disabled",
        "MainPID": pid,
        "StatusText": "",
    }
    print("\n".join(f"{name}={value}" for name, value in facts.items()))


os.makedirs(FOLDER, exist_ok=True)
options = [word for word in sys.argv[1:] if word.startswith("--")]
act = next(word for word in sys.argv[1:] if not word.startswith("--"))
if act == "show":
    show()
elif act == "enable":
    open(ENABLED, "w").close()
elif act in ("stop", "disable"):
    if act == "stop" or "--now" in options:
        stop()
    if act == "disable" and os.path.exists(ENABLED):
        os.remove(ENABLED)
elif act in ("start", "restart"):
    if act == "restart":
        stop()
    start()
elif act not in ("daemon-reload", "reset-failed"):
    sys.exit(f"the stand-in does not know {act}")
