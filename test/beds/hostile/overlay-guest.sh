#!/bin/sh
# Run by an unprivileged user in a user and mount namespace of its own (unshare -Urm): a guest there that can hold a file
# of an overlay whose lower layer it serves by FUSE. Whoever asks the overlay waits for that user.
#   overlay-guest.sh FOLDER SERVER PROGRAM ARGS…   PROGRAM is looked for in FOLDER; a line to FOLDER/control mutes the server
set -e
cd "$1"
server=$2
program=$3
shift 3
mkdir -p served below merged
mkfifo control
# Opened for writing as well, so that it never ends by itself.
(exec 9<>control && exec setpriv --pdeathsig=KILL python3 "$server" "$PWD/served" 0 4 mute <&9) >answers &
echo $! >server-pid
until grep -q ready answers; do sleep 0.05; done
mount -t overlay overlay -o "lowerdir=$PWD/served:$PWD/below,userxattr" "$PWD/merged"
exec "$program" "$@"
