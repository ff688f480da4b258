// Stands in for a guest whose memory a test lays out block by block: to the helper a process named qemu-system-….
//   qemu-system-memory -name NAME [-drive FILE]… -block KIB[,OPTION…]…
// Every page of a block differs from all others, but for what its options say:
//   every=N   only each Nth page is present          seed=S    the content of another block of that seed
//   zero=N    each Nth page is zeros                 same      all pages alike
//   huge      in huge pages, if the kernel has some  off       not offered to KSM
//   read      only read, so that the kernel maps its zero page
//   shared    shared memory                          reserved  mapped without access, as RAM to be plugged
//   file=PATH the content of a file, from the first byte on
//   plain     neither kept from forks nor offered to KSM, so not RAM to QEMU
// Prints "ready" when all is in place.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 4096
#define HUGE_PAGE (2 << 20)

struct block {
  size_t size, every, zero;
  char *file;
  uint64_t seed;
  int same, huge, off, shared, reserved, plain, read;
};

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static struct block parse(char *text, uint64_t seed) {
  struct block block = {.every = 1, .seed = seed};
  block.size = strtoul(strtok(text, ","), NULL, 10) << 10;
  for (char *option; (option = strtok(NULL, ","));) {
    if (!strncmp(option, "every=", 6)) block.every = strtoul(option + 6, NULL, 10);
    else if (!strncmp(option, "zero=", 5)) block.zero = strtoul(option + 5, NULL, 10);
    else if (!strncmp(option, "seed=", 5)) block.seed = strtoul(option + 5, NULL, 10) << 32;
    else if (!strncmp(option, "file=", 5)) block.file = option + 5;
    else if (!strcmp(option, "same")) block.same = 1;
    else if (!strcmp(option, "huge")) block.huge = 1;
    else if (!strcmp(option, "off")) block.off = 1;
    else if (!strcmp(option, "shared")) block.shared = 1;
    else if (!strcmp(option, "reserved")) block.reserved = 1;
    else if (!strcmp(option, "plain")) block.plain = 1;
    else if (!strcmp(option, "read")) block.read = 1;
    else { fprintf(stderr, "no option %s\n", option); exit(2); }
  }
  return block;
}

static void fill(char *page, uint64_t number) {
  uint64_t state = number * 0x9e3779b97f4a7c15u + 1;
  for (size_t i = 0; i < PAGE / 8; i++) {
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    ((uint64_t *)page)[i] = state;
  }
}

static void read_file(char *to, size_t size, const char *path) {
  int file = open(path, O_RDONLY);
  if (file < 0) fail(path);
  size_t at = 0;
  for (ssize_t got; at < size && (got = read(file, to + at, size - at)) > 0;) at += got;
  close(file);
}

static void lay_out(struct block block) {
  int protection = block.reserved ? PROT_NONE : PROT_READ | PROT_WRITE;
  int flags = MAP_ANONYMOUS | MAP_NORESERVE | (block.shared ? MAP_SHARED : MAP_PRIVATE);
  // Room around each, so that the kernel keeps blocks apart and huge pages can begin anywhere in between.
  char *room = mmap(NULL, block.size + 2 * HUGE_PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (room == MAP_FAILED) fail("mmap");
  char *start = (char *)(((uintptr_t)room / HUGE_PAGE + 1) * HUGE_PAGE);
  if (mmap(start, block.size, protection, flags | MAP_FIXED, -1, 0) == MAP_FAILED) fail("mmap");
  // As QEMU does with its RAM blocks.
  if (!block.plain && madvise(start, block.size, MADV_DONTFORK)) fail("madvise DONTFORK");
  if (!block.plain && !block.off && !block.shared && madvise(start, block.size, MADV_MERGEABLE))
    fail("madvise MERGEABLE");
  madvise(start, block.size, block.huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
  for (size_t page = 0; !block.reserved && page < block.size / PAGE; page += block.every) {
    char *at = start + page * PAGE;
    if (block.read) *(volatile char *)at;
    else if (block.zero && page % block.zero == 0) at[0] = 0;
    else fill(at, block.seed + (block.same ? 0 : page) + 1);
  }
  if (block.file) read_file(start, block.size, block.file);
}

int main(int argc, char **argv) {
  for (int i = 1; i + 1 < argc; i++) {
    if (!strcmp(argv[i], "-drive") && open(argv[i + 1], O_RDWR) < 0) fail(argv[i + 1]);
    if (!strcmp(argv[i], "-block")) lay_out(parse(strdup(argv[i + 1]), ((uint64_t)getpid() << 44) + ((uint64_t)i << 32)));
  }
  puts("ready");
  fflush(stdout);
  for (;;) pause();
}
