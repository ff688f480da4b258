#!/bin/sh
# Init of a lab guest: mounts its disk, reads every file through its own page cache, then obeys the serial line.
export PATH=/bin HOME=/
/bin/busybox --install -s /bin
mount -t devtmpfs dev /dev
mount -t proc proc /proc
mount -t sysfs sys /sys
mkdir -p /data /tmp
option() { tr " " "\n" </proc/cmdline | sed -n "s/^$1=//p"; }
hostname "$(option lab.name)"
while read -r module; do insmod "/modules/$module"; done </modules/order
# Prints the device whose disk has this serial; disks appear some time after the start.
find_disk() {
  for _ in $(seq 1 100); do
    for file in /sys/block/*/serial /sys/block/*/device/serial; do
      [ -f "$file" ] || continue
      read -r serial <"$file"
      if [ "$serial" = "$1" ]; then
        echo "$file" | sed 's|/sys/block/\([^/]*\)/.*|/dev/\1|'
        return
      fi
    done
    usleep 20000
  done
}
mount -t ext4 -o "$(option lab.mount),noatime" "$(find_disk lab-data)" /data || echo "LAB-FAILED: cannot mount the disk"
run_fio() {
  [ -x /tools/fio ] || { mkdir -p /tools && mount -t ext4 -o ro "$(find_disk lab-tools)" /tools; } || return 1
  [ "$(option lab.mount)" = rw ] || set -- --readonly "$@"
  /tools/lib/ld.so --library-path /tools/lib /tools/fio --output-format=json --invalidate=0 --ioengine=psync "$@"
}
warm() { find /data/files -type f -exec cat {} + >/dev/null; }
[ "$(option lab.warm)" = 0 ] || warm

job_pid=
stop_job() {
  [ -n "$job_pid" ] && kill -9 -"$job_pid" 2>/dev/null
  job_pid=
}
run_command() {
  verb=$1
  [ $# -gt 0 ] && shift
  case $verb in
    ping) echo pong ;;
    read) wc -c <"/data/$1" ;;
    readall) warm ;;
    drop) sync; echo 3 >/proc/sys/vm/drop_caches ;;
    write) dd if=/dev/urandom of="/data/$1" bs=1M count="$2" 2>/dev/null && sha256sum "/data/$1" ;;
    sum) sha256sum "/data/$1" ;;
    sync) sync ;;
    fio) run_fio "$@" ;;
    start) stop_job; setsid sh -c "$*" >/tmp/job.out 2>&1 & job_pid=$! ;;
    stop) stop_job; cat /tmp/job.out 2>/dev/null ;;
    meminfo) cat /proc/meminfo ;;
    poweroff) sync; (sleep 1; poweroff -f) & ;;
    *) eval "$verb $*" ;;
  esac
}
stty -echo -onlcr
echo LAB-READY
while read -r id line; do
  [ -n "$id" ] || continue
  echo "BEGIN $id"
  # Word splitting is the command syntax here.
  # shellcheck disable=SC2086
  run_command $line 2>&1 </dev/null
  echo "END $id $?"
done
poweroff -f
