#!/bin/sh
# Makes a Debian tree bootable as a guest of the lab. Runs on this machine, with mounts of its own (unshare).
# Arguments: the tree, the public key that opens it.
set -e
tree=$1 key=$2
inside() { chroot "$tree" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"; }
mount -t proc proc "$tree/proc"
mount -t tmpfs tmpfs "$tree/tmp"
mount -t tmpfs tmpfs "$tree/run"

echo guest >"$tree/etc/hostname"
printf '127.0.0.1 localhost guest\n' >"$tree/etc/hosts"
printf '/dev/vda / ext4 noatime,errors=remount-ro 0 1\n' >"$tree/etc/fstab"
mkdir -p -m 700 "$tree/root/.ssh"
cp "$key" "$tree/root/.ssh/authorized_keys"
printf 'UseDNS no\nPasswordAuthentication no\n' >"$tree/etc/ssh/sshd_config.d/lab.conf"
# The address that QEMU's user network gives.
cat >"$tree/etc/systemd/network/lab.network" <<'END'
[Match]
Name=en* eth*
[Network]
Address=10.0.2.15/24
Gateway=10.0.2.2
END
inside systemctl -q enable systemd-networkd ssh
# What would write or wait in the background.
inside systemctl -q mask apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer \
  fstrim.timer systemd-networkd-wait-online.service e2scrub_reap.service

# Only what these guests have: an initrd for any machine takes long to unpack without hardware acceleration.
sed -i 's/^MODULES=.*/MODULES=list/' "$tree/etc/initramfs-tools/initramfs.conf"
printf 'virtio_pci\nvirtio_blk\next4\n' >>"$tree/etc/initramfs-tools/modules"
inside update-initramfs -u

# A database of some 150 MiB for pgbench.
mkdir -p -m 2775 "$tree/run/postgresql"
inside chown postgres:postgres /run/postgresql
version=$(ls "$tree/usr/lib/postgresql")
bin=/usr/lib/postgresql/$version/bin data=/var/lib/postgresql/$version/main
as_postgres() { inside setpriv --reuid postgres --regid postgres --init-groups "$@"; }
as_postgres $bin/pg_ctl -s -w -D $data \
  -o "-c config_file=/etc/postgresql/$version/main/postgresql.conf -c listen_addresses=''" start
as_postgres $bin/createdb bench
as_postgres $bin/pgbench -q -i -s 10 bench
as_postgres $bin/pg_ctl -s -w -D $data -m fast stop
ln -s $bin/pgbench "$tree/usr/local/bin/pgbench"

umount "$tree/run" "$tree/tmp" "$tree/proc"
rm -rf "$tree"/var/cache/apt/archives/*.deb "$tree"/var/lib/apt/lists/* "$tree"/var/log/bootstrap.log
