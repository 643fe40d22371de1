# SIPp with scenarios of our own (tests/e2e/sipp/*.xml). Here: one run of one scenario for one user. SIPp 3.6 answers
# only the first challenge, only in MD5, so its users live in the domain that offers nothing else.
import pathlib
import subprocess

SCENARIOS = pathlib.Path(__file__).resolve().parents[1] / "e2e" / "sipp"


class SippFailed(AssertionError):
    """The scenario did not go as written; the text has SIPp's own words."""


def start(pair, folder, scenario, server, local, account, port, peer="", seconds=10,
          transport="u1", digest_uri=""):
    """`account` = (user, password, domain), `port` is SIPp's own, `peer` the AOR watched. Credentials are for
    sip:`digest_uri`, else for the address of the server. Returns the process."""
    user, password, domain = account
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    remote = f"[{server[0]}]:{server[1]}" if ":" in server[0] else f"{server[0]}:{server[1]}"
    argv = ["sipp", remote, "-i", local, "-p", str(port), "-t", transport, "-max_socket", "100",
            "-sf", str(SCENARIOS / f"{scenario}.xml"), "-m", "1",
            "-nostdin", "-timeout", str(seconds), "-timeout_error", "-recv_timeout", str(seconds * 1000),
            "-au", user, "-ap", password, "-key", "user", user, "-key", "domain", domain, "-key", "peer", peer,
            "-key", "secret", password, "-trace_err", "-error_file", str(folder / f"{scenario}-errors.log"),
            "-trace_msg", "-message_file", str(folder / f"{scenario}-messages.log")]
    argv += ["-auth_uri", digest_uri] if digest_uri else []
    return pair.popen(pair.client, argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                      cwd=folder)


def finish(process, folder, scenario, seconds=15):
    output, _ = process.communicate(timeout=seconds)
    if process.returncode:
        said = ""
        for kind in ("errors", "messages"):
            path = pathlib.Path(folder) / f"{scenario}-{kind}.log"
            said += f"\n--- {kind}\n" + (path.read_text(errors="replace")[-2500:] if path.is_file() else "")
        raise SippFailed(f"SIPp's {scenario} ended with status {process.returncode}:{said}\n"
                         f"{output.decode(errors='replace')[-1500:] if not said.strip() else ''}")
