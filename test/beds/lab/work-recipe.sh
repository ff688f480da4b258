#!/bin/sh
# Fills a Debian image of the lab with work: a database larger than its guests, and a source tree.
# Runs on this machine, with mounts of its own (unshare). Arguments: the raw image, a folder to mount it on, the tree,
# the scale of the database (15 MiB each).
set -e
image=$1 root=$2 tree=$3 scale=$4
inside() { chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 "$@"; }
mount -o loop "$image" "$root"
mount -t proc proc "$root/proc"
mount -t tmpfs tmpfs "$root/tmp"
mount -t tmpfs tmpfs "$root/run"
cp -a "$tree" "$root/srv/tree"

mkdir -p -m 2775 "$root/run/postgresql"
inside chown postgres:postgres /run/postgresql
version=$(ls "$root/usr/lib/postgresql")
bin=/usr/lib/postgresql/$version/bin data=/var/lib/postgresql/$version/main
as_postgres() { inside setpriv --reuid postgres --regid postgres --init-groups "$@"; }
as_postgres $bin/pg_ctl -s -w -D $data -o "-c config_file=/etc/postgresql/$version/main/postgresql.conf \
  -c listen_addresses='' -c fsync=off -c max_wal_size=4GB" start
as_postgres $bin/pgbench -q -i -s "$scale" bench
as_postgres $bin/psql -q -c checkpoint bench
as_postgres $bin/pg_ctl -s -w -D $data -m fast stop
umount "$root/run" "$root/tmp" "$root/proc" "$root"
