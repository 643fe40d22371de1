# Two network namespaces joined by a veth pair: vedette-PID-s, whose end of the wire belongs to DPDK, and vedette-PID-c
# for the clients.
#
# Here: making them, starting programs and opening sockets in them, taking everything away again whatever happened,
# and clearing up after runs that were killed. Not here: what runs in them. Called from the harness's main thread.
import contextlib
import ctypes
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000
PR_SET_PDEATHSIG = 1
NAME = re.compile(r"vedette-(\d+)-[sc]")
FOLDER = re.compile(r"vedette-(\d+)-files")

WIRE = "wire"                                  # The veth's name on both sides; vedette's TAP is SERVER_TAP.
SERVER_TAP = "sip0"
SERVER = {4: "192.0.2.1", 6: "2001:db8::1"}
CLIENT = {4: "192.0.2.2", 6: "2001:db8::2"}
PREFIX = {4: 24, 6: 64}


class SetupError(Exception):
    """Something this machine lacks; the text says what to do."""


def run(*argv):
    result = subprocess.run(argv, capture_output=True, text=True, check=False)
    if result.returncode:
        raise SetupError(f"'{' '.join(argv)}' failed: {result.stderr.strip() or result.stdout.strip()}")
    return result.stdout


def die_with_parent():
    """In a child before exec: a harness that is killed with SIGKILL takes its programs along."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def is_alive(pid):
    """Whether `pid` still is a harness of ours, not some later process with its number."""
    try:
        return b"python" in pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def remove_namespace(name):
    """Ends what still runs in it, then removes it."""
    listed = subprocess.run(["ip", "netns", "pids", name], capture_output=True, text=True, check=False)
    for pid in listed.stdout.split():
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(pid), signal.SIGKILL)
    subprocess.run(["ip", "netns", "delete", name], capture_output=True, check=False)


def remove_stale():
    """What killed harnesses left behind. Returns the names of the namespaces that are gone now."""
    folder = pathlib.Path("/run/netns")
    names = [entry.name for entry in folder.iterdir()] if folder.is_dir() else []
    stale = [name for name in names if (match := NAME.fullmatch(name)) and not is_alive(match[1])]
    for name in stale:
        remove_namespace(name)
    for path in pathlib.Path(tempfile.gettempdir()).glob("vedette-*"):
        if (match := FOLDER.fullmatch(path.name)) and path.owner() == "root" and not is_alive(match[1]):
            shutil.rmtree(path, ignore_errors=True)
    return stale


class NamespacePair:
    def __init__(self, pid=None):
        pid = pid or os.getpid()
        self.server, self.client = f"vedette-{pid}-s", f"vedette-{pid}-c"
        self.folder = pathlib.Path(tempfile.gettempdir(), f"vedette-{pid}-files")
        self.processes = []

    def __enter__(self):
        try:
            self.create()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    def create(self):
        remove_stale()
        self.folder.mkdir(mode=0o700)
        for name in (self.server, self.client):
            run("ip", "netns", "add", name)
            run("ip", "-n", name, "link", "set", "lo", "up")
            # New interfaces shall use their IPv6 addresses at once, without a second of duplicate detection.
            self.sysctl(name, "net.ipv6.conf.default.accept_dad", 0)
        run("ip", "-n", self.server, "link", "add", WIRE, "type", "veth", "peer", "name", WIRE, "netns", self.client)
        self.leave_wire_to_dpdk()
        # A veth hands over frames with unfinished checksums unless the sending side finishes them.
        for name in (self.server, self.client):
            run("ip", "netns", "exec", name, "ethtool", "-K", WIRE, "tx", "off")
        for family, address in CLIENT.items():
            run("ip", "-n", self.client, "address", "add", f"{address}/{PREFIX[family]}", "dev", WIRE)
        for name in (self.server, self.client):
            run("ip", "-n", name, "link", "set", WIRE, "up")
        for family, address in SERVER.items():
            # Linphone believes in no network without a default route, and then does not log off either.
            run("ip", f"-{family}", "-n", self.client, "route", "add", "default", "via", address)

    def leave_wire_to_dpdk(self):
        """The kernel sees the frames that DPDK takes from the veth, too; it must not answer for the TAP's addresses."""
        self.sysctl(self.server, f"net.ipv6.conf.{WIRE}.disable_ipv6", 1)
        self.sysctl(self.server, f"net.ipv4.conf.{WIRE}.rp_filter", 1)
        self.sysctl(self.server, f"net.ipv4.conf.{WIRE}.arp_ignore", 8)
        run("ip", "-n", self.server, "link", "set", WIRE, "arp", "off")

    def sysctl(self, name, key, value):
        path = "/proc/sys/" + key.replace(".", "/")
        with self.entered(name):
            pathlib.Path(path).write_text(str(value))

    @contextlib.contextmanager
    def entered(self, name):
        """This thread's sockets belong to namespace `name` within the block."""
        with open("/proc/thread-self/ns/net", "rb") as home, open(f"/run/netns/{name}", "rb") as other:
            if LIBC.setns(other.fileno(), CLONE_NEWNET):
                raise SetupError(f"cannot enter namespace {name}: {os.strerror(ctypes.get_errno())}; be root")
            try:
                yield
            finally:
                LIBC.setns(home.fileno(), CLONE_NEWNET)

    def open_client_socket(self, family=socket.AF_INET, kind=socket.SOCK_DGRAM):
        with self.entered(self.client):
            return socket.socket(family, kind)

    def popen(self, name, argv, **options):
        """A program in namespace `name`, in a process group of its own: Ctrl-C is the harness's to handle."""
        process = subprocess.Popen(["ip", "netns", "exec", name, *argv], preexec_fn=die_with_parent,
                                   start_new_session=True, **options)
        self.processes.append(process)
        return process

    def close(self):
        """Asks what runs to stop, ends what does not, removes the namespaces. May be called again."""
        running = [process for process in self.processes if process.poll() is None]
        for process in running:
            process.terminate()
        end = time.monotonic() + 3
        for process in running:
            try:
                process.wait(max(0.0, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.processes.clear()
        for name in (self.client, self.server):
            if os.path.exists(f"/run/netns/{name}"):
                remove_namespace(name)
        shutil.rmtree(self.folder, ignore_errors=True)
