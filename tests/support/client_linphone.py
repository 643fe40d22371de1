# A Linphone user: linphonec itself (online while it runs), or liblinphone with a voice (client_linphone_core.py).
#
# Here: the configuration file, start and stop, and what it shows of its friends. One instance is one user.
import os
import pathlib
import re
import time

from client_process import LineProcess

CORE = pathlib.Path(__file__).with_name("client_linphone_core.py")
CONFIGURATION = """[sip]
sip_port={port}
sip_tcp_port=-2
sip_tls_port=-2
{trust}default_proxy=0
use_ipv6={use_ipv6}
guess_hostname=0
register_only_when_network_is_up=0
contact="{user}" <sip:{user}@{local}>
subscribe_expires={expires}
subscribe_presence_only_when_registered=1
publish_presence=1

[proxy_0]
reg_proxy=<sip:{server};transport={transport}>
reg_route=<sip:{server};transport={transport};lr>
reg_identity=<sip:{user}@{domain}>
reg_expires={expires}
reg_sendregister=1
publish=1
publish_expires={expires}

[auth_info_0]
username={user}
userid={user}
passwd={password}
realm={domain}

[misc]
uuid={uuid}
"""
TRUST = "root_ca={authority}\nverify_server_certs=1\nverify_server_cn=0\n"
SETTLE = 0.4                       # Seconds between two changes of one user.
FRIEND = '\n[friend_{at}]\nurl="{name}" <sip:{aor}>\npol=accept\nsubscribe=1\n'


class Linphone:
    def __init__(self, pair, folder, account, contacts, server, local, port, expires=60, command_line=False,
                 transport="udp", authority=None):
        """`authority`: whom it believes about certificates; servers go by addresses here, so names are not compared."""
        self.user, password, self.domain = account
        self.aor, self.command_line = f"{self.user}@{self.domain}", command_line
        home = pathlib.Path(folder).resolve()
        (home / ".local/share/linphone").mkdir(parents=True, exist_ok=True)
        (home / ".config/linphone").mkdir(parents=True, exist_ok=True)
        configuration = home / "linphonerc"
        text = CONFIGURATION.format(port=port, user=self.user, local=local, server=server, domain=self.domain,
                                    password=password, expires=expires, uuid=self.instance(),
                                    use_ipv6=int(local.startswith("[")), transport=transport,
                                    trust=TRUST.format(authority=authority) if authority else "")
        text += "".join(FRIEND.format(at=at, name=aor.split("@")[0], aor=aor) for at, aor in enumerate(contacts))
        configuration.write_text(text)
        program = ["linphonec", "-c"] if command_line else ["/usr/bin/python3", str(CORE)]
        self.settled = 0.0
        self.log = home / "linphone.log"
        logging = ["-d", "5", "-l", str(self.log)] if command_line else []
        self.process = LineProcess(pair, pair.client, [*program, str(configuration), *logging],
                                   env={**os.environ, "HOME": str(home)})

    def instance(self):
        """The same for a user in each run, as an installed Linphone's is."""
        digits = self.user.encode().hex().ljust(12, "0")[:12]
        return f"00000000-0000-4000-8000-{digits}"

    def registered(self, seconds=5):
        said = True if self.command_line else self.process.wait_for("^registered$", seconds)
        self.settled = time.monotonic() + SETTLE
        return said

    def publish(self, state):
        """Returns the moment. liblinphone forgets a state set while its last PUBLISH is on its way, so this leaves
        it the time that a person would."""
        time.sleep(max(0.0, self.settled - time.monotonic()))
        self.process.write(f"publish {state}")
        self.settled = time.monotonic() + SETTLE
        return time.monotonic()

    def mark(self):
        return self.process.mark()

    def sees(self, aor, shown, seconds=3, since=0):
        """The moment from which it shows `shown` (a pattern) of `aor`, or None."""
        user = re.escape(aor.split("@")[0])
        said = self.process.wait_for(rf'(?i)(?:Friend "?{user}"? .*|^{user}) is (?:{shown})', seconds, since)
        return said[0] if said else None

    def quit(self, seconds=6):
        self.process.write("quit")
        return self.process.wait(seconds)

    def close(self):
        if self.process.is_running():
            self.process.stop(9, 2)
