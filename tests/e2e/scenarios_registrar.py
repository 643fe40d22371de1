# Registration alone shows its user open; a GRUU as Contact gets its NOTIFYs through the binding.
import re

from client_sip import pidf, uri_of
from world import scenario


def alone(world, family):
    alice, bob = world.endpoint("alice", family), world.endpoint("bob", family)
    watch = bob.watch(alice.aor)
    world.expect_status("bob watches", watch.response, 200)
    world.expect("nobody is there yet: not open", b"<basic>open" not in
                 world.expect("a first NOTIFY", watch.notify()).body)

    world.expect_status("alice registers", alice.register(), 200)
    world.expect("bob sees an open tuple", watch.sees("<basic>open"))
    world.expect_status("alice un-registers", alice.register(0), 200)
    world.expect("bob sees it closed", watch.notify(lambda notify: b"<basic>open" not in notify.body))
    world.expect_status("alice registers for 2 seconds", alice.register(2), 200)
    world.expect("bob sees an open tuple again", watch.sees("<basic>open"))
    world.expect("it closes by itself", watch.notify(lambda notify: b"<basic>open" not in notify.body, 5))


def lapses(world, family):
    """A publisher and a watcher that vanish."""
    alice, bob = world.endpoint("alice", family), world.endpoint("bob", family)
    watch = bob.watch(alice.aor)
    world.expect("bob watches", watch.notify())
    world.expect_status("alice publishes for 2 seconds", alice.publish(pidf(alice.aor, activity="busy"), 2), 200)
    world.expect("bob sees busy", watch.sees("<rpid:busy"))
    world.expect("it lapses", watch.notify(lambda notify: b"<rpid:busy" not in notify.body, 5))
    carol = world.endpoint("carol", family)
    brief = carol.watch(alice.aor, 2)
    world.expect("carol watches for 2 seconds", brief.notify())
    ended = brief.notify(lambda notify: "terminated" in notify.get("Subscription-State"), 5)
    world.expect("her subscription ends by itself", ended)
    world.expect("for the reason timeout", "timeout" in ended.get("Subscription-State"))
    world.expect_status("a refresh comes too late", brief.subscribe(60), 481)


def gruu(world, family):
    """As Linphone does: the public GRUU that REGISTER gave is the Contact of SUBSCRIBE."""
    alice, bob = world.endpoint("alice", family), world.endpoint("bob", family)
    instance = f"urn:uuid:00000000-0000-4000-8000-{world.number:012d}"
    contact = f'{bob.contact};+sip.instance="<{instance}>"'
    answer = bob.register(contact=contact, headers=[("Supported", "gruu, outbound")])
    world.expect_status("bob registers an instance", answer, 200)
    given = re.search(r'pub-gruu="([^"]+)"', " ".join(answer.all("Contact")))
    world.expect("he is given a public GRUU", given)
    world.expect("it names him and his instance", bob.aor in given[1] and "gr=" in given[1])

    watch = bob.watch(alice.aor, contact=f"<{given[1]}>", headers=[("Supported", "gruu")])
    world.expect_status("he watches with it as Contact", watch.response, 200)
    notify = world.expect("a NOTIFY reaches him through his binding", watch.notify())
    world.expect("its Request-URI is a Contact of his", bob.user in uri_of(notify.start.split()[1]))
    world.expect_status("alice publishes", alice.publish(pidf(alice.aor, activity="busy")), 200)
    world.expect("the next one, too", watch.sees("<rpid:busy"))
    world.expect_status("he ends", watch.subscribe(0), 200)


SCENARIOS = {"registration alone shows open, and closed when it ends": alone,
             "a publication and a subscription lapse": lapses, "a GRUU gets its NOTIFYs": gruu}
for workers in (1, 3):
    for family in (4, 6):
        for title, climb in SCENARIOS.items():
            scenario(f"{title} (IPv{family}, {workers} worker{'s' if workers > 1 else ''})", workers=workers)(
                lambda world, climb=climb, family=family: climb(world, family))
