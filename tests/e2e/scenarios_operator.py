# What an operator has in hand: vedettectl in words and as JSON, a clean stop, and clients that come back by
# themselves after a sudden death.
import json
import re
import signal
import time

from client_baresip import wait_all
from client_sip import pidf
from world import scenario

RULES = """<?xml version="1.0"?>
<ruleset xmlns="urn:ietf:params:xml:ns:common-policy" xmlns:pr="urn:ietf:params:xml:ns:pres-rules">
  <rule id="friends">
    <conditions><identity>%s</identity></conditions>
    <actions><pr:sub-handling>%s</pr:sub-handling></actions>
    <transformations>
      <pr:provide-services><pr:all-services/></pr:provide-services>
      <pr:provide-persons><pr:all-persons/></pr:provide-persons>%s
    </transformations>
  </rule>
</ruleset>
"""

COMMANDS = (["status"], ["counters"], ["shards"], ["floods"], ["watchers"], ["subscriptions", "nobody@example.test"],
            ["presentity", "nobody@example.test"])


@scenario("vedettectl answers in words and as JSON", workers=3)
def vedettectl(world):
    alice, bob = world.endpoint("alice"), world.endpoint("bob")
    world.expect_status("alice registers", alice.register(), 200)
    world.expect_status("alice publishes", alice.publish(pidf(alice.aor, activity="busy")), 200)
    watch = bob.watch(alice.aor)
    world.expect("bob watches", watch.notify())

    for arguments in COMMANDS:
        words, machine = world.engine.control(*arguments), world.engine.control(*arguments, "--json")
        title = " ".join(arguments)
        world.expect(f"'{title}' ends well", words.returncode == 0 and machine.returncode == 0)
        world.expect(f"'{title}' says something", words.stdout.strip())
        world.expect(f"'{title} --json' is JSON", isinstance(json.loads(machine.stdout), dict))

    status = world.engine.ask("status")
    world.expect("three workers", status["workers"] == 3)
    world.expect("at least one subscription", status["subscriptions"] >= 1)
    world.expect("bob is alice's only watcher", len(world.engine.ask("watchers", alice.aor)["watchers"]) == 1)
    world.expect("he is named in words", bob.aor in world.engine.control("watchers", alice.aor).stdout)
    told = world.engine.control("subscriptions", alice.aor).stdout
    world.expect("what he is shown, how often, and what he waits for", bob.aor + " watches " + alice.aor in told and
                 all(part in told for part in ("shown ", "entity-tag ", "pace ", "waits for ")))
    presentity = world.engine.ask("presentity", alice.aor)
    world.expect("alice has one publication", len(presentity["publications"]) == 1)
    world.expect("alice has one binding", len(presentity["bindings"]) == 1)
    world.expect("counters count", world.engine.counters()["subscribes_accepted"] >= 1)

    wrong = world.engine.control("frobnicate")
    world.expect("an unknown command fails and says so", wrong.returncode and (wrong.stderr + wrong.stdout).strip())
    wrong = world.engine.control("presentity", "not an aor")
    world.expect("a bad AOR fails and says so", wrong.returncode and (wrong.stderr + wrong.stdout).strip())


@scenario("SIGTERM stops cleanly and says how many subscriptions are left to be refreshed", workers=3, expires_min="3s")
def clean_stop(world):
    alice, bob, carol = world.endpoint("alice"), world.endpoint("bob"), world.endpoint("carol")
    world.expect("bob watches alice", bob.watch(alice.aor).notify())
    world.expect("carol watches alice", carol.watch(alice.aor).notify())
    began = time.monotonic()
    status, said = world.engine.stop()
    world.expect("exit status 0", status == 0, status)
    world.expect("within 3 seconds", time.monotonic() - began < 3)
    world.expect("it says how many are left", re.search(r"2 .*subscription|subscription.*2", said), said)
    left = world.engine.control("status")
    world.expect("vedettectl fails when nothing runs, and says so", left.returncode != 0 and left.stderr.strip())
    world.engine.start()
    world.expect("it starts again", world.engine.answers())


@scenario("kill -9 and a restart: our own client recovers by refreshing", workers=3, expires_min="3s")
def sudden_death(world):
    alice, bob = world.endpoint("alice"), world.endpoint("bob")
    tag = world.expect_status("alice publishes", alice.publish(pidf(alice.aor)), 200).get("SIP-ETag")
    watch = bob.watch(alice.aor)
    world.expect("bob watches", watch.sees("<basic>open"))
    world.engine.kill()
    world.engine.start()
    world.expect_status("bob's refresh", watch.subscribe(120), 481)
    again = bob.watch(alice.aor)
    world.expect_status("he subscribes anew", again.response, 200)
    world.expect_status("alice's refresh", alice.publish(etag=tag), 412)
    world.expect_status("she publishes anew", alice.publish(pidf(alice.aor, activity="busy")), 200)
    world.expect("bob sees it", again.sees("<rpid:busy"))


@scenario("kill -9 and a restart: baresip and Linphone recover by themselves", workers=3, expires_min="3s",
          subscription_max="6s")
def clients_recover(world):
    """Their refreshes come within 6 seconds; baresip then waits 30 s by its own rule before it subscribes anew."""
    alice, bob = world.baresip("alice", "bob", intervals=(6, 6)), world.baresip("bob", "alice", intervals=(6, 6))
    carol, dave = world.linphone("carol", "dave", expires=6), world.linphone("dave", "carol", expires=6)
    world.expect("the baresips register", wait_all([alice, bob]))
    world.expect("the Linphones register", carol.registered() and dave.registered())
    world.expect("alice shows bob online", alice.shows(bob.aor, "Online"))
    world.expect("carol sees dave online", carol.sees(dave.aor, "online"))
    world.engine.process.stop(signal.SIGKILL)
    began = time.monotonic()
    world.engine.start()

    for watcher, presentity, limit in ((carol, dave, 15), (dave, carol, 15), (alice, bob, 45), (bob, alice, 45)):
        while not recovered(world, watcher, presentity) and time.monotonic() - began < limit:
            time.sleep(0.2)
        world.expect(f"{presentity.user} publishes and {watcher.user} watches again "
                     f"after {time.monotonic() - began:.0f} s", recovered(world, watcher, presentity))
    mark, began = alice.mark(), time.monotonic()
    bob.command("presence_offline")
    world.expect_within_a_second("alice sees bob offline", began, alice.sees(bob.aor, "Offline", 3, mark))
    mark, began = carol.mark(), dave.publish("busy")
    world.expect_within_a_second("carol sees dave busy", began, carol.sees(dave.aor, "busy busy", 3, mark))


def recovered(world, watcher, presentity):
    watchers = world.engine.ask("watchers", presentity.aor)["watchers"]
    return any(watcher.aor in str(row) for row in watchers) and \
        world.engine.ask("presentity", presentity.aor)["publications"]


@scenario("rules are loaded, shown and removed, and are in force at once", workers=3)
def rules(world):
    alice, bob, carol = world.endpoint("alice"), world.endpoint("bob"), world.endpoint("carol")
    world.expect_status("alice publishes", alice.publish(pidf(alice.aor, activity="busy")), 200)
    watch = bob.watch(alice.aor)
    world.expect("without rules bob sees what she does", watch.sees("busy"))

    def load(identity, handling, more=""):
        path = world.folder / "rules.xml"
        path.write_text(RULES % (identity, handling, more))
        return world.engine.control("rules", "load", alice.aor, str(path))

    def is_told(state):
        return watch.notify(lambda notify: notify.get("Subscription-State").startswith(state))

    only_bob = f'<one id="sip:{bob.aor}"/>'
    loaded = load(only_bob, "confirm")
    world.expect("rules are loaded", loaded.returncode == 0, loaded.stderr)
    world.expect("bob is pending", is_told("pending"))
    world.expect("vedettectl says that he is", "pending" in world.engine.control("watchers", alice.aor).stdout)
    waits = world.engine.control("subscriptions", alice.aor).stdout
    world.expect("and that he waits for a rule", "a rule" in waits, waits)
    status = world.engine.ask("status")
    world.expect("status counts rules", status["rule_sets"] >= 1 and status["rule_set_bytes"] > 0, str(status))
    world.expect("they are loaded again", load(only_bob, "allow").returncode == 0)
    told = is_told("active")
    world.expect("bob is active", told)
    world.expect("he sees no activities", b"busy" not in told.body, told.body)
    world.expect("and once more",
                 load(only_bob, "allow", "<pr:provide-activities>true</pr:provide-activities>").returncode == 0)
    world.expect("bob sees them", watch.sees("busy"))
    world.expect_status("carol may not watch", carol.watch(alice.aor).response, 403)
    shown = world.engine.control("rules", "show", alice.aor)
    world.expect("the rule is shown by its name", "friends" in shown.stdout, shown.stdout + shown.stderr)

    elsewhere = world.engine.control("rules", "load", "alice@elsewhere.test", str(world.folder / "rules.xml"))
    world.expect("not for a domain that is not served", "not served here" in elsewhere.stderr, elsewhere.stderr)
    endless = world.engine.control("rules", "load", alice.aor, "/dev/zero")
    world.expect("not from a file without an end", "a document may not" in endless.stderr, endless.stderr)
    wrong = load(only_bob, "perhaps")
    world.expect("wrong rules are refused, with the line", wrong.returncode and "line" in wrong.stderr, wrong.stderr)
    world.expect("those that there were hold", "friends" in world.engine.control("rules", "show", alice.aor).stdout)
    world.expect("they are removed", world.engine.control("rules", "remove", alice.aor).returncode == 0)
    world.expect("carol may watch", carol.watch(alice.aor).sees("busy"))


@scenario("hard state is set, shown and removed, and is in force at once", workers=3)
def hard_state(world):
    alice, bob = world.endpoint("alice"), world.endpoint("bob")
    watch = bob.watch(alice.aor)
    world.expect("bob sees nobody", watch.sees("offline"))

    def set_state(document, *options):
        path = world.folder / "presence.xml"
        path.write_text(document)
        return world.engine.control("presence", "set", alice.aor, str(path), *options)

    done = set_state(pidf(alice.aor, activity="vacation"))
    world.expect("hard state is set", done.returncode == 0, done.stderr)
    world.expect("bob sees it", watch.sees("vacation"))
    shown = world.engine.control("presence", "show", alice.aor)
    world.expect("it is shown", "until it is removed" in shown.stdout, shown.stdout + shown.stderr)
    world.expect("element by element", "dm:person" in shown.stdout, shown.stdout)
    world.expect("it stands among what is published",
                 world.engine.ask("presentity", alice.aor)["publications"][0]["etag"] == "hard state")
    tag = world.expect_status("alice publishes", alice.publish(pidf(alice.aor, activity="busy")), 200).get("SIP-ETag")
    world.expect("bob sees what she does", watch.sees("busy"))
    world.expect_status("she stops", alice.publish(etag=tag, expires=0), 200)
    world.expect("bob sees hard state again", watch.sees("vacation"))

    wrong = set_state("<presence/>")
    world.expect("what is no presence document is refused", wrong.returncode and "nothing has changed" in wrong.stderr,
                 wrong.stderr)
    wrong = set_state(pidf(alice.aor), "--for", "soon")
    world.expect("so is what is no time", wrong.returncode, wrong.stderr)
    began = time.monotonic()
    done = set_state(pidf(alice.aor, activity="meal"), "--for", "2")
    world.expect("it is set for two seconds", done.returncode == 0, done.stderr)
    world.expect("bob sees that", watch.sees("meal"))
    world.expect("then nobody", watch.sees("offline") and time.monotonic() - began > 1.5)
    world.expect("it is set once more", set_state(pidf(alice.aor, activity="vacation")).returncode == 0)
    world.expect("bob sees it once more", watch.sees("vacation"))
    world.expect("it is removed", world.engine.control("presence", "remove", alice.aor).returncode == 0)
    world.expect("bob sees nobody again", watch.sees("offline"))
    world.expect("vedettectl says that there is none",
                 "no hard state" in world.engine.control("presence", "show", alice.aor).stdout)


@scenario("an operator ends the subscriptions to somebody", workers=3)
def end(world):
    alice, bob = world.endpoint("alice"), world.endpoint("bob")
    watch = bob.watch(alice.aor)
    world.expect("bob watches", watch.notify())
    ended = world.engine.control("end", alice.aor, "--reason", "deactivated")
    world.expect("vedettectl ends well", ended.returncode == 0, ended.stderr)
    world.expect("bob is told why",
                 watch.notify(lambda notify: "terminated;reason=deactivated" in notify.get("Subscription-State")))
    world.expect("nobody watches", not world.engine.ask("watchers", alice.aor)["watchers"])
