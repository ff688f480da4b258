"""Runs `ansible-inventory -i FILE --list` for many files: Ansible is loaded once, and each file gets a child of its own.

Arguments: files. For each, FILE.out gets what is printed; an inventory that Ansible refuses leaves it empty.
"""
import os
import sys

os.environ["ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED"] = "true"
os.environ["ANSIBLE_LOCALHOST_WARNING"] = "false"
# Its own folder of state goes beside the inventories, not into the home directory.
os.environ["ANSIBLE_HOME"] = os.path.join(os.path.dirname(sys.argv[1]), "ansible-home")
os.environ["ANSIBLE_LOCAL_TEMP"] = os.path.join(os.environ["ANSIBLE_HOME"], "tmp")

from ansible.cli.inventory import InventoryCLI  # noqa: E402


def list_inventory(path):
    out = os.open(path + ".out", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    err = os.open(path + ".err", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.dup2(out, 1)
    os.dup2(err, 2)
    InventoryCLI(["ansible-inventory", "-i", path, "--list"]).run()


for file in sys.argv[1:]:
    child = os.fork()
    if child == 0:
        code = 1
        try:
            list_inventory(file)
            code = 0
        except SystemExit as end:
            code = end.code or 0
        except BaseException as error:  # an inventory that is refused ends here
            print(error, file=sys.stderr)
        sys.stdout.flush()
        os._exit(code)
    _, status = os.waitpid(child, 0)
    if status != 0:
        open(file + ".out", "w").close()
