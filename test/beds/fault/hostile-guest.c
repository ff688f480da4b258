// A process that passes for a guest and does with its descriptors what a hostile one might; see hostile-guest.ts.
// Commands come a line each on standard input, and each is answered by a line: a number, or "error ERRNO".
//   open FLAGS PATH         a descriptor, FLAGS as open(2) takes them, in decimal
//   close FD · dup FROM TO  · lease FD (F_WRLCK)
//   flip A B FD             a thread that puts A and B on FD in turn, without end
//   fill COUNT PATH         so many descriptors of the file
//   map FD BYTES            shared memory that fork does not inherit, as QEMU maps RAM
//   gmem BYTES              RAM of a confidential guest (guest_memfd), from /dev/kvm
//   become UID              this user, with no groups
//   borrow UID PATH         a descriptor that was opened with this user's rights
//   chroot PATH             its root folder
//   rename NAME             what its process is called, of at most 15 bytes
// Before the first command it has 64 MiB of RAM.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

static int pair[3];

static void *flip(void *unused) {
  for (int i = 0;; i ^= 1) {
    dup2(pair[i], pair[2]);
    // Now and then for longer than a look takes.
    if (rand() % 8 == 0) usleep(rand() % 300);
  }
  return unused;
}

static long start_flip(int a, int b, int fd) {
  pthread_t thread;
  pair[0] = a;
  pair[1] = b;
  pair[2] = fd;
  return pthread_create(&thread, NULL, flip, NULL);
}

static long fill(long count, const char *path) {
  long opened = 0;
  struct rlimit limit = {1 << 20, 1 << 20};
  setrlimit(RLIMIT_NOFILE, &limit);
  while (opened < count && open(path, O_RDONLY) >= 0) opened++;
  return opened;
}

static long map_ram(int fd, size_t size, int flags) {
  char *ram = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, fd, 0);
  if (ram == MAP_FAILED) return -1;
  for (size_t at = 0; at < size; at += 4096) ram[at] = 1;
  return madvise(ram, size, MADV_DONTFORK);
}

// As linux/kvm.h has them since Linux 6.8.
struct guest_memfd {
  unsigned long long size, flags, reserved[6];
};
#define KVM_CREATE_VM _IO(0xAE, 0x01)
#define KVM_CREATE_GUEST_MEMFD _IOWR(0xAE, 0xd4, struct guest_memfd)

// Where the machine of no protected kind may have one (Linux >= 6.18), else that of the software-protected kind.
static long guest_memfd(unsigned long long size) {
  struct guest_memfd memory = {size, 0, {0}};
  int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
  for (long kind = 0; kvm >= 0 && kind < 2; kind++) {
    int machine = ioctl(kvm, KVM_CREATE_VM, kind);
    int fd = machine < 0 ? -1 : ioctl(machine, KVM_CREATE_GUEST_MEMFD, &memory);
    if (fd >= 0) return fd;
  }
  return -1;
}

static long become(long uid) {
  if (setgroups(0, NULL) || setresgid(uid, uid, uid)) return -1;
  return setresuid(uid, uid, uid);
}

static long borrow(long uid, const char *path) {
  setfsuid(uid);
  long fd = open(path, O_RDONLY);
  int opened = errno;
  setfsuid(0);
  errno = opened;
  return fd;
}

static long obey(const char *line) {
  static char path[8192];
  long a, b, c;
  if (sscanf(line, "open %ld %8191[^\n]", &a, path) == 2) return open(path, a);
  if (sscanf(line, "close %ld", &a) == 1) return close(a);
  if (sscanf(line, "dup %ld %ld", &a, &b) == 2) return dup2(a, b);
  if (sscanf(line, "lease %ld", &a) == 1) return fcntl(a, F_SETLEASE, F_WRLCK);
  if (sscanf(line, "flip %ld %ld %ld", &a, &b, &c) == 3) return start_flip(a, b, c);
  if (sscanf(line, "fill %ld %8191[^\n]", &a, path) == 2) return fill(a, path);
  if (sscanf(line, "map %ld %ld", &a, &b) == 2) return map_ram(a, b, MAP_SHARED);
  if (sscanf(line, "gmem %ld", &a) == 1) return guest_memfd(a);
  if (sscanf(line, "become %ld", &a) == 1) return become(a);
  if (sscanf(line, "borrow %ld %8191[^\n]", &a, path) == 2) return borrow(a, path);
  if (sscanf(line, "chroot %8191[^\n]", path) == 1) return chroot(path);
  if (sscanf(line, "rename %8191[^\n]", path) == 1) return prctl(PR_SET_NAME, path);
  errno = EINVAL;
  return -1;
}

int main(void) {
  static char line[9000];
  // A lease that is to be broken is told by a signal that would end this process.
  signal(SIGIO, SIG_IGN);
  if (map_ram(-1, 64 << 20, MAP_PRIVATE | MAP_ANONYMOUS)) return 1;
  while (fgets(line, sizeof line, stdin)) {
    errno = 0;
    long result = obey(line);
    if (result < 0) printf("error %d\n", errno);
    else printf("%ld\n", result);
    fflush(stdout);
  }
  return 0;
}
