# What a web page does for presence: a SIP library of npm's on a WebSocket (web/page.mjs), without a browser. Here:
# start, what it says, what it is told. The libraries are fetched by tools/setup. One instance is one user.
import os
import pathlib
import signal

from client_process import LineProcess

FOLDER = pathlib.Path(__file__).with_name("web")


def are_libraries_here():
    return (FOLDER / "node_modules").is_dir()


class Page:
    """`library`: "sipjs" or "jssip". `authority`: the certificate that it believes, for wss."""

    def __init__(self, pair, library, url, account, watched, authority=None):
        self.user, password, self.domain = account
        environment = dict(os.environ)
        if authority:
            environment["NODE_EXTRA_CA_CERTS"] = str(authority)
        self.process = LineProcess(pair, pair.client, ["node", str(FOLDER / "page.mjs"), library, url, self.user,
                                                       password, self.domain, *watched], env=environment)

    def publish(self, basic, note):
        self.process.write(f"publish {basic} {note}")

    def mark(self):
        return self.process.mark()

    def says(self, text, seconds=5, since=0):
        """When it said a line that begins so; None when it did not."""
        found = self.process.wait_for("^" + text.replace(".", r"\."), seconds, since)
        return found and found[0]

    def quit(self):
        """Logs off; its exit status."""
        self.process.write("quit")
        return self.process.wait(10)

    def kill(self):
        return self.process.stop(signal.SIGKILL)

    def close(self):
        if self.process.is_running():
            self.kill()
