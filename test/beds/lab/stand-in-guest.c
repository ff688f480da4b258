// Stands in for a guest where no QEMU can run or where one would be too tame: to the helper it is a process named
// qemu-system-… with RAM that KSM may merge, and an image open.
//   qemu-system-stand-in -name NAME -m MIB [-drive FILE] [-contents FILE] [-churn]
// RAM is all present. It holds the content of FILE from its first byte on, zeros behind. With -churn, pieces of RAM
// are given back and touched again all the time, as by a balloon. Prints "ready" when all is in place.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static void fill(char *ram, size_t size, const char *path) {
  int fd = open(path, O_RDONLY);
  if (fd < 0) fail(path);
  size_t at = 0;
  ssize_t got;
  while (at < size && (got = read(fd, ram + at, size - at)) > 0) at += got;
  close(fd);
}

int main(int argc, char **argv) {
  size_t size = 0;
  const char *contents = NULL;
  int churn = 0;
  for (int i = 1; i < argc; i++) {
    const char *value = i + 1 < argc ? argv[i + 1] : "";
    if (!strcmp(argv[i], "-m")) size = strtoul(value, NULL, 10) << 20;
    if (!strcmp(argv[i], "-contents")) contents = value;
    if (!strcmp(argv[i], "-churn")) churn = 1;
    if (!strcmp(argv[i], "-drive") && open(value, O_RDWR) < 0) fail(value);
  }
  char *ram = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (ram == MAP_FAILED) fail("mmap");
  // As QEMU does: by this mark the helper knows RAM.
  if (madvise(ram, size, MADV_DONTFORK)) fail("madvise DONTFORK");
  if (madvise(ram, size, MADV_MERGEABLE)) fail("madvise MERGEABLE");
  madvise(ram, size, MADV_NOHUGEPAGE);
  for (size_t at = 0; at < size; at += 4096) ram[at] = 0;
  if (contents) fill(ram, size, contents);
  puts("ready");
  fflush(stdout);
  const size_t piece = 4 << 20;
  for (size_t at = 0; churn; at = (at + piece) % (size - piece)) {
    madvise(ram + at, piece, MADV_DONTNEED);
    usleep(500);
    for (size_t i = 0; i < piece; i += 8192) ram[at + i] = 1;
  }
  for (;;) pause();
}
