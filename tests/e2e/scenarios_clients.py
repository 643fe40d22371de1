# Real clients watch each other: two baresip, two Linphone, one of each; each sees the other come, change and go
# within a second, with one worker and with three.
import time

from client_baresip import wait_all
from client_sip import pidf
from netns_engine import OLD_DOMAIN
from world import scenario

BOTH = (1, 3)


def baresip_turns(world, one, other):
    """`one` changes what it publishes; `other` shows it."""
    for command, shown in (("presence_offline", "Offline"), ("presence_online", "Online")):
        mark, began = other.mark(), time.monotonic()
        one.command(command)
        world.expect_within_a_second(f"{other.user} sees {one.user} {shown}", began,
                                     other.sees(one.aor, shown, 3, mark))


def two_baresip(world, family=4):
    alice, bob = world.baresip("alice", "bob", family=family), world.baresip("bob", "alice", family=family)
    world.expect("both register", wait_all([alice, bob]))
    world.expect("alice shows bob online", alice.shows(bob.aor, "Online"))
    world.expect("bob shows alice online", bob.shows(alice.aor, "Online"))
    baresip_turns(world, alice, bob)
    baresip_turns(world, bob, alice)

    mark, began = alice.mark(), time.monotonic()
    world.expect("bob's baresip ends well", bob.quit() == 0)
    world.expect_within_a_second("alice sees bob offline after he logs off", began + 0.5,  # baresip lingers 0.5 s.
                                 alice.sees(bob.aor, "Offline", 3, mark))


def two_devices(world):
    """bob's desk phone says what his baresip cannot."""
    alice, bob = world.baresip("alice", "bob"), world.baresip("bob", "alice")
    world.expect("both register", wait_all([alice, bob]))
    world.expect("alice shows bob online", alice.shows(bob.aor, "Online"))
    desk = world.endpoint("bob", domain=OLD_DOMAIN)
    tag = None
    for activity, shown in (("busy", "Busy"), ("away", "Offline"), ("on-the-phone", "Busy")):
        mark, began = alice.mark(), time.monotonic()
        answer = desk.publish(pidf(desk.aor, activity=activity, tuple_id="desk"), etag=tag)
        tag = world.expect_status(f"the desk phone publishes {activity}", answer, 200).get("SIP-ETag")
        world.expect_within_a_second(f"alice's baresip shows {shown}", began, alice.sees(bob.aor, shown, 3, mark))
    mark, began = alice.mark(), time.monotonic()
    world.expect_status("the desk phone takes it back", desk.publish(expires=0, etag=tag), 200)
    world.expect_within_a_second("alice sees what baresip still publishes: Online", began,
                                 alice.sees(bob.aor, "Online", 3, mark))


def linphone_turns(world, one, other):
    for state, shown in (("busy", "busy busy"), ("away", "busy away"), ("do-not-disturb", "do-not-disturb"),
                         ("online", "online")):
        mark, began = other.mark(), one.publish(state)
        world.expect_within_a_second(f"{other.user} sees {one.user} {state}", began,
                                     other.sees(one.aor, shown, 3, mark))


def two_linphone(world, family=4):
    alice, bob = world.linphone("alice", "bob", family=family), world.linphone("bob", "alice", family=family)
    world.expect("both register", all([alice.registered(), bob.registered()]))
    world.expect("alice sees bob online", alice.sees(bob.aor, "online"))
    world.expect("bob sees alice online", bob.sees(alice.aor, "online"))
    linphone_turns(world, alice, bob)
    linphone_turns(world, bob, alice)

    mark, began = alice.mark(), time.monotonic()
    world.expect("bob's Linphone ends well", bob.quit() == 0)
    world.expect_within_a_second("alice sees bob offline after he logs off", began,
                                 alice.sees(bob.aor, "offline", 3, mark))


def across_families(world):
    """A watcher over IPv6 of a publisher over IPv4."""
    alice, bob = world.baresip("alice", "bob"), world.baresip("bob", "alice", family=6)
    world.expect("both register", wait_all([alice, bob]))
    world.expect("bob shows alice online", bob.shows(alice.aor, "Online"))
    baresip_turns(world, alice, bob)
    baresip_turns(world, bob, alice)


def baresip_and_linphone(world):
    alice = world.baresip("alice", "bob")
    bob = world.linphone("bob", "alice", domain=OLD_DOMAIN)
    world.expect("both register", all([alice.registered(), bob.registered()]))
    world.expect("alice's baresip shows bob online", alice.shows(bob.aor, "Online"))
    world.expect("bob's Linphone sees alice online", bob.sees(alice.aor, "online"))
    for state, shown in (("busy", "Busy"), ("away", "Offline"), ("online", "Online")):
        mark, began = alice.mark(), bob.publish(state)
        world.expect_within_a_second(f"alice's baresip shows {shown} when bob's Linphone is {state}", began,
                                     alice.sees(bob.aor, shown, 3, mark))
    for command, shown in (("presence_offline", "offline"), ("presence_online", "online")):
        mark, began = bob.mark(), time.monotonic()
        alice.command(command)
        world.expect_within_a_second(f"bob's Linphone sees alice {shown}", began, bob.sees(alice.aor, shown, 3, mark))

    mark, began = alice.mark(), time.monotonic()
    world.expect("bob's Linphone ends well", bob.quit() == 0)
    world.expect_within_a_second("alice's baresip shows bob offline", began, alice.sees(bob.aor, "Offline", 3, mark))


def two_linphonec(world):
    """The command line itself, as a user would run it."""
    alice = world.linphone("alice", "bob", command_line=True)
    bob = world.linphone("bob", "alice", command_line=True)
    world.expect("alice's linphonec says bob is online", alice.sees(bob.aor, "online", 5))
    world.expect("bob's linphonec says alice is online", bob.sees(alice.aor, "online", 5))
    mark, began = alice.mark(), time.monotonic()
    world.expect("bob's linphonec ends well", bob.quit() == 0)
    world.expect_within_a_second("alice's linphonec says bob is offline", began,
                                 alice.sees(bob.aor, "offline", 3, mark))


for workers in BOTH:
    plural = "1 worker" if workers == 1 else f"{workers} workers"
    scenario(f"two baresip clients see each other come, change and go ({plural})", workers=workers)(two_baresip)
    scenario(f"baresip sees two devices of one user composed ({plural})", workers=workers)(two_devices)
    scenario(f"two Linphone clients see each other come, change and go ({plural})", workers=workers)(two_linphone)
    scenario(f"baresip and Linphone see each other ({plural})", workers=workers)(baresip_and_linphone)
scenario("two baresip clients see each other (IPv6, 3 workers)", workers=3)(lambda world: two_baresip(world, 6))
scenario("two Linphone clients see each other (IPv6, 3 workers)", workers=3)(lambda world: two_linphone(world, 6))
scenario("one baresip over IPv4, one over IPv6 (3 workers)", workers=3)(across_families)
scenario("two linphonec command lines see each other", workers=1)(two_linphonec)
