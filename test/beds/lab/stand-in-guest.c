// Stands in for a guest where no QEMU can run or where one would be too tame: to the helper it is a process named
// qemu-system-… with RAM that KSM may merge, and an image open.
//   qemu-system-… -name NAME -m MIB [-drive FILE|file=FILE,…] [-contents FILE] [-churn]
//                 [-huge] [-merge off] [-seed N -zeros PERCENT -common PERCENT] [-pace MIB]
// RAM is all present. With -seed every 2 MiB hold zero pages, pages that all seeds have and pages of this seed's own,
// by their shares and mixed; else zeros. The content of FILE is put over that, from the first byte on. -huge asks for
// huge pages; on SIGUSR1 the kernel splits all of them, without merging anything, and "split" is printed;
// on SIGUSR2 each page of the first half gets a content of its own, each of the second is written as it was, and
// "written" is printed; with -pace so many MiB a second, else as fast as it can. With -churn, pieces of RAM are given back and touched again all the time, as by a balloon. Prints
// "ready" when all is in place.
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PAGE = 4096, MIB = 1 << 20, HUGE_PAGE = 2 << 20, PAGES = HUGE_PAGE / PAGE };

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static uint64_t mix(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

// Incompressible, and another for each seed and number.
static void fill_page(char *page, uint64_t seed, uint64_t number) {
  uint64_t state = mix(seed + 1) ^ mix(~number);
  for (uint64_t *word = (uint64_t *)page; (char *)word < page + PAGE; word++)
    *word = mix(state += 0x9e3779b97f4a7c15u);
}

// Each rank in 0 … 511 comes once in every 2 MiB; where it lies depends on the seed.
static void fill_ram(char *ram, size_t size, uint64_t seed, size_t zeros, size_t common) {
  size_t zero_ranks = PAGES * zeros / 100, common_ranks = PAGES * common / 100;
  for (size_t page = 0; page < size / PAGE; page++) {
    size_t huge = page / PAGES;
    size_t rank = (page * 317 + mix(seed ^ (huge << 20))) % PAGES;
    if (rank < zero_ranks) continue;
    int is_common = rank < zero_ranks + common_ranks;
    fill_page(ram + page * PAGE, is_common ? 0 : seed, huge * PAGES + rank);
  }
}

static void read_file(char *ram, size_t size, const char *path) {
  int fd = open(path, O_RDONLY);
  if (fd < 0) fail(path);
  size_t at = 0;
  ssize_t got;
  while (at < size && (got = read(fd, ram + at, size - at)) > 0) at += got;
  close(fd);
}

static void open_disk(char *value) {
  char *path = strncmp(value, "file=", 5) ? value : strtok(value + 5, ",");
  if (open(path, O_RDWR) < 0) fail(path);
}

// Asking for the reclaim of a part splits a huge page (mm/madvise.c, madvise_cold_or_pageout_pte_range).
static void split_huge_pages(char *ram, size_t size) {
  for (size_t at = 0; at < size; at += HUGE_PAGE)
    if (madvise(ram + at + PAGE, PAGE, MADV_COLD)) fail("madvise COLD");
  puts("split");
  fflush(stdout);
}

// Writing takes merged pages and the kernel's zero page out of the page table.
static void rewrite(char *ram, size_t size, uint64_t seed, size_t pace) {
  for (size_t at = 0; at < size; at += PAGE) {
    volatile uint64_t *word = (volatile uint64_t *)(ram + at);
    *word = at < size / 2 ? mix(seed + 1) ^ at ^ 1 : *word;
    if (pace && at % MIB == 0) usleep(1000000 / pace);
  }
  puts("written");
  fflush(stdout);
}

int main(int argc, char **argv) {
  size_t size = 0, zeros = 0, common = 0, pace = 0;
  uint64_t seed = 0;
  const char *contents = NULL;
  int churn = 0, huge = 0, merge = 1;
  for (int i = 1; i < argc; i++) {
    char *value = i + 1 < argc ? argv[i + 1] : "";
    if (!strcmp(argv[i], "-m")) size = strtoul(value, NULL, 10) << 20;
    if (!strcmp(argv[i], "-seed")) seed = strtoull(value, NULL, 10);
    if (!strcmp(argv[i], "-zeros")) zeros = strtoul(value, NULL, 10);
    if (!strcmp(argv[i], "-common")) common = strtoul(value, NULL, 10);
    if (!strcmp(argv[i], "-pace")) pace = strtoul(value, NULL, 10);
    if (!strcmp(argv[i], "-contents")) contents = value;
    if (!strcmp(argv[i], "-churn")) churn = 1;
    if (!strcmp(argv[i], "-huge")) huge = 1;
    if (!strcmp(argv[i], "-merge")) merge = strcmp(value, "off");
    if (!strcmp(argv[i], "-drive")) open_disk(strdup(value));
  }
  char *start = mmap(NULL, size + HUGE_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (start == MAP_FAILED) fail("mmap");
  // As QEMU does, RAM begins at a huge page and nothing lies beside it.
  size_t before = -(uintptr_t)start % HUGE_PAGE;
  char *ram = start + before;
  if (before) munmap(start, before);
  munmap(ram + size, HUGE_PAGE - before);
  // Also as QEMU does: by this mark the helper knows RAM.
  if (madvise(ram, size, MADV_DONTFORK)) fail("madvise DONTFORK");
  if (merge && madvise(ram, size, MADV_MERGEABLE)) fail("madvise MERGEABLE");
  madvise(ram, size, huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
  for (size_t at = 0; at < size; at += PAGE) ((volatile char *)ram)[at] = 0;
  if (seed) fill_ram(ram, size, seed, zeros, common);
  if (contents) read_file(ram, size, contents);
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGUSR1);
  sigaddset(&signals, SIGUSR2);
  sigprocmask(SIG_BLOCK, &signals, NULL);
  puts("ready");
  fflush(stdout);
  const size_t piece = 4 << 20;
  for (size_t at = 0; churn; at = (at + piece) % (size - piece)) {
    madvise(ram + at, piece, MADV_DONTNEED);
    usleep(500);
    for (size_t i = 0; i < piece; i += 8192) ram[at + i] = 1;
  }
  for (int number; !sigwait(&signals, &number);)
    if (number == SIGUSR2)
      rewrite(ram, size, seed, pace);
    else
      split_huge_pages(ram, size);
}
