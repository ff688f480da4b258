// A process that passes for a guest and whose memory keeps those who read it waiting; see hostile-memory.test.ts.
// Commands come a line each on standard input, and each is answered by a line: a number, or "error ERRNO".
//   dup FROM TO         any command that succeeds tells that the RAM is there
//   open FLAGS PATH     a descriptor
//   become UID          this user, with no groups
//   file FD BYTES       RAM that is a private mapping of the file; what of it is in the page cache is mapped
//   supplied BYTES      RAM whose missing pages userfaultfd asks this process for, which never answers; half is there
//   regions COUNT       so many mappings of a page each
//   reserve TIB         so much address space that nothing was ever written to, marked as RAM
//   flip FD             a thread that has at one address pages of the file that are there, and pages that are not, in turn
//   lock FD             a thread that waits for a page of the file below the lock of the memory map, and one behind it
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MIB (1l << 20)
#define RAM (64 * MIB)

static char *ram;
static int file;

static char *map(size_t size, int flags, int fd, off_t at) {
  char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, fd, at);
  if (memory == MAP_FAILED || madvise(memory, size, MADV_DONTFORK)) return NULL;
  return memory;
}

static long map_file(int fd, size_t size) {
  char *memory = map(size, MAP_PRIVATE, fd, 0);
  if (memory == NULL) return -1;
  // The other half is never asked for here.
  for (size_t at = 0; at < size / 2; at += 4096) (void)*(volatile char *)(memory + at);
  return 0;
}

static long supply(size_t size) {
  struct uffdio_api api = {.api = UFFD_API};
  char *memory = map(size, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  int fd = syscall(SYS_userfaultfd, O_CLOEXEC);
  if (memory == NULL || fd < 0 || ioctl(fd, UFFDIO_API, &api)) return -1;
  memset(memory, 1, size / 2);
  struct uffdio_register all = {{(long)memory, size}, UFFDIO_REGISTER_MODE_MISSING, 0};
  return ioctl(fd, UFFDIO_REGISTER, &all);
}

static long reserve(long tebibytes) {
  size_t size = (size_t)tebibytes << 40;
  char *memory = map(size, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return memory == NULL ? -1 : madvise(memory, size, MADV_MERGEABLE);
}

static long regions(long count) {
  char *memory = mmap(NULL, count * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return -1;
  // Neighbours with other rights are not joined.
  for (long i = 1; i < count; i += 2)
    if (mprotect(memory + i * 4096, 4096, PROT_READ)) return -1;
  return 0;
}

static void *flip(void *unused) {
  for (;;) {
    // Whole, so that whoever lists present pages finds some; then the second half of the file, which nobody has read.
    mmap(ram, RAM / 2, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_POPULATE, -1, 0);
    madvise(ram, RAM / 2, MADV_DONTFORK);
    usleep(rand() % 3000);
    mmap(ram, RAM / 2, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, file, RAM / 2);
    madvise(ram, RAM / 2, MADV_DONTFORK);
    // No readahead: then the reader itself asks the server, and not the kernel for it.
    madvise(ram, RAM / 2, MADV_RANDOM);
    usleep(rand() % 1000);
  }
  return unused;
}

static void *wait_below_lock(void *memory) {
  char byte;
  // Through /proc/self/mem the fault is waited for with the lock held, which a fault of a program's own is not.
  int fd = open("/proc/self/mem", O_RDONLY);
  if (pread(fd, &byte, 1, (off_t)memory) < 0) perror("pread");
  return NULL;
}

static void *wait_for_lock(void *unused) {
  usleep(500000);
  mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return unused;
}

static long start(void *(*work)(void *), void *argument) {
  pthread_t thread;
  return pthread_create(&thread, NULL, work, argument);
}

static long lock_map(int fd) {
  char *memory = map(RAM, MAP_PRIVATE, fd, 0);
  // Both at once: a thread that begins maps its stack.
  if (memory == NULL || start(wait_for_lock, NULL) || start(wait_below_lock, memory + RAM - 4096)) return -1;
  usleep(1000000);
  return 0;
}

static long become(long uid) {
  if (setgroups(0, NULL) || setresgid(uid, uid, uid) || setresuid(uid, uid, uid)) return -1;
  // As if that user had started it: else /proc/self/mem is root's.
  return prctl(PR_SET_DUMPABLE, 1);
}

static long obey(const char *line) {
  static char path[8192];
  long a, b;
  if (sscanf(line, "dup %ld %ld", &a, &b) == 2) return dup2(a, b);
  if (sscanf(line, "open %ld %8191[^\n]", &a, path) == 2) return open(path, a);
  if (sscanf(line, "become %ld", &a) == 1) return become(a);
  if (sscanf(line, "file %ld %ld", &a, &b) == 2) return map_file(a, b);
  if (sscanf(line, "supplied %ld", &a) == 1) return supply(a);
  if (sscanf(line, "reserve %ld", &a) == 1) return reserve(a);
  if (sscanf(line, "regions %ld", &a) == 1) return regions(a);
  if (sscanf(line, "flip %d", &file) == 1) return start(flip, NULL);
  if (sscanf(line, "lock %ld", &a) == 1) return lock_map(a);
  errno = EINVAL;
  return -1;
}

int main(void) {
  static char line[9000];
  ram = map(RAM, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (ram == NULL) return 1;
  memset(ram, 1, RAM);
  while (fgets(line, sizeof line, stdin)) {
    errno = 0;
    long result = obey(line);
    if (result < 0) printf("error %d\n", errno);
    else printf("%ld\n", result);
    fflush(stdout);
  }
  return 0;
}
