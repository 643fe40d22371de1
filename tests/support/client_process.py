# A program whose output is read line by line with times, so that a test can wait for what it says.
#
# Here: starting, reading (a thread of its own per program), waiting, stopping. Not here: what any client says.
import re
import signal
import subprocess
import threading
import time

ANSI = re.compile(r"\x1b?\[[0-9;]*[mK]")


class LineProcess:
    def __init__(self, pair, namespace, argv, **options):
        self.lines = []                       # (time.monotonic(), text); appended by the reading thread alone.
        self.grown = threading.Condition()
        self.argv = argv
        self.process = pair.popen(namespace, argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, **options)
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for raw in self.process.stdout:
            with self.grown:
                self.lines.append((time.monotonic(), ANSI.sub("", raw.decode(errors="replace")).rstrip()))
                self.grown.notify_all()
        with self.grown:
            self.grown.notify_all()

    def write(self, line):
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def mark(self):
        """A place in the output, for wait_for(since=...)."""
        return len(self.lines)

    def wait_for(self, pattern, seconds, since=0):
        """(time, match) of the first line at or after `since` that `pattern` is found in; None when time is up or
        the program has ended without saying it."""
        end = time.monotonic() + seconds
        with self.grown:
            at = since
            while True:
                for moment, text in self.lines[at:]:
                    if match := re.search(pattern, text):
                        return moment, match
                at = max(since, len(self.lines))
                left = end - time.monotonic()
                if left <= 0 or (not self.reader.is_alive() and at == len(self.lines)):
                    return None
                self.grown.wait(min(left, 0.2))

    def is_running(self):
        return self.process.poll() is None

    def tell(self, sign):
        self.process.send_signal(sign)

    def stop(self, sign=signal.SIGTERM, seconds=5):
        """Exit status; negative for a signal."""
        if self.is_running():
            self.process.send_signal(sign)
        return self.wait(seconds)

    def wait(self, seconds=5):
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.reader.join(1)
        return self.process.returncode

    def text(self):
        return "\n".join(text for _, text in self.lines)
