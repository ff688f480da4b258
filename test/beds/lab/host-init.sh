#!/bin/sh
# PID 1 of a lab host: waits until its owner has recorded it, makes its private folders, then reaps.
# Arguments: the host's folder, its name, and "libvirt" or "plain".
set -e
folder=$1 name=$2 kind=$3
read -r go || exit 0
[ "$go" = go ] || exit 0
mount --make-rprivate /
hostname "$name"
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/sshd /run/lock /run/lab
mount --bind "$folder/root" /root
mount --bind "$folder/var-lib" /var/lib
mount --bind "$folder/var-log" /var/log
mount --bind "$folder/shadow" /etc/shadow
if [ "$kind" = libvirt ]; then
  mount --bind "$folder/etc-libvirt" /etc/libvirt
  mount --bind "$folder/var-cache" /var/cache
fi
echo up >"$folder/ready"
while :; do
  sleep 2147483647 &
  # Without arguments wait also reaps the orphans that a PID 1 inherits.
  wait
done
