// Debian packages per command: what each is for, and by what it is known to be there.

/**
 * @typedef {object} AptPackage
 * @property {string} name
 * @property {string} purpose completes "installing NAME: for …"
 * @property {readonly string[]} present binaries (by name) or paths (with one * allowed in the last part); all must exist
 * @property {readonly string[]} [units] systemd units that the package would enable for the next boot
 */

/** @type {readonly AptPackage[]} */
const LAB = [
  { name: 'qemu-system-x86', purpose: 'the guests of the lab', present: ['qemu-system-x86_64'] },
  { name: 'qemu-utils', purpose: 'their disk images (qemu-img)', present: ['qemu-img'] },
  { name: 'busybox-static', purpose: 'what the guests run', present: ['busybox'] },
  { name: 'cpio', purpose: "the guests' initramfs", present: ['cpio'] },
  { name: 'fio', purpose: 'the load inside the guests', present: ['fio'] },
  {
    name: 'linux-image-cloud-amd64',
    purpose: "the guests' kernel (it adds an entry to this machine's boot menu, if it has one)",
    present: ['/boot/vmlinuz-*-cloud-amd64'],
  },
  {
    name: 'openssh-server',
    purpose: "the lab hosts' sshd",
    present: ['/usr/sbin/sshd'],
    units: ['ssh.service', 'ssh.socket'],
  },
  { name: 'openssh-client', purpose: 'host keys (ssh-keygen)', present: ['ssh-keygen', 'ssh'] },
  {
    name: 'libvirt-daemon-system',
    purpose: 'the lab host that libvirt manages',
    present: ['/usr/sbin/libvirtd', '/usr/sbin/virtlogd'],
    units: [
      'libvirtd.service',
      'libvirtd.socket',
      'libvirtd-ro.socket',
      'libvirtd-admin.socket',
      'virtlogd.service',
      'virtlogd.socket',
      'virtlogd-admin.socket',
      'virtlockd.socket',
      'virtlockd-admin.socket',
      'libvirt-guests.service',
    ],
  },
  { name: 'libvirt-clients', purpose: 'the same (virsh)', present: ['virsh'] },
  { name: 'e2fsprogs', purpose: 'file systems on the images', present: ['/usr/sbin/mkfs.ext4'] },
  { name: 'util-linux', purpose: "the lab hosts' namespaces", present: ['unshare', 'nsenter', 'losetup'] },
  { name: 'iproute2', purpose: "the lab hosts' addresses", present: ['ip'] },
  {
    name: 'gcc',
    purpose: 'stand-ins for guests of gigabytes, and small programs that map memory in known ways',
    present: ['gcc'],
  },
  { name: 'libc6-dev', purpose: 'the same', present: ['/usr/include/stdio.h'] },
  { name: 'debootstrap', purpose: "the real guests' Debian", present: ['/usr/sbin/debootstrap'] },
  {
    name: 'debian-archive-keyring',
    purpose: 'its signatures',
    present: ['/usr/share/keyrings/debian-archive-keyring.gpg'],
  },
]

/** @type {readonly AptPackage[]} */
const TEST = [
  { name: 'chromium', purpose: 'end-to-end tests in a real browser', present: ['chromium'] },
  {
    name: 'fonts-dejavu-core',
    purpose: 'text on its screenshots',
    present: ['/usr/share/fonts/truetype/dejavu'],
  },
  { name: 'adduser', purpose: 'the user of the server package', present: ['/usr/sbin/adduser'] },
  { name: 'vmtouch', purpose: 'a second opinion on the page cache', present: ['vmtouch'] },
  {
    name: 'ksmtuned',
    purpose: 'comparison only; it is never started',
    present: ['/usr/sbin/ksmtuned'],
    units: ['ksmtuned.service', 'ksm.service'],
  },
  {
    name: 'python3-jsonschema',
    purpose: 'holding JSON reports against their schema',
    present: ['/usr/lib/python3/dist-packages/jsonschema'],
  },
  {
    name: 'ansible-core',
    purpose: 'a second opinion on inventories (ansible-inventory)',
    present: ['ansible-inventory'],
  },
  { name: 'poppler-utils', purpose: 'reading PDF reports back', present: ['pdftotext'] },
  { name: 'inotify-tools', purpose: 'telling whether a trap was opened', present: ['inotifywait'] },
  { name: 'python3', purpose: 'the program that recomputes every figure', present: ['python3'] },
]

/** @type {Record<string, readonly AptPackage[]>} */
const PACKAGES = {
  demo: LAB,
  lab: LAB,
  test: [...LAB, ...TEST],
  bench: [...LAB, ...TEST],
  soak: LAB,
}

/** Stages of `npm test` that run in Node alone. */
const WITHOUT_PACKAGES = ['types', 'lint', 'unit', 'build']

/**
 * What a command needs. `npm test -- unit NAME` needs nothing: only integration and e2e start programs.
 * @param {string} command @param {readonly string[]} args
 */
export function listAptPackages(command, args) {
  const [stage = ''] = args
  const staysInNode =
    command === 'test' &&
    WITHOUT_PACKAGES.includes(stage) &&
    !args.some((arg) => arg === 'integration' || arg === 'e2e')
  return staysInNode ? [] : (PACKAGES[command] ?? [])
}
