# Three workers: clients on many ports reach workers that do not own what they ask for, and nobody notices.
from client_sip import pidf
from world import scenario

PAIRS = 12                         # Publishers and watchers, each on ports of their own.


@scenario("traffic lands on other workers than the owner's and is handed over", workers=3)
def handed_over(world):
    before = handed_off(world)
    watches = []
    for at in range(PAIRS):
        family = 4 if at % 2 else 6
        publisher, watcher = world.endpoint("alice", family), world.endpoint("bob", family)
        publisher.tuple_id = f"port{publisher.port}"
        tag = publisher.publish(pidf(publisher.aor, tuple_id=publisher.tuple_id))
        world.expect_status(f"publication {at + 1} from port {publisher.port}", tag, 200)
        watch = watcher.watch(publisher.aor)
        world.expect_status(f"subscription {at + 1} from port {watcher.port}", watch.response, 200)
        watches.append((watch, publisher, tag.get("SIP-ETag")))

    # The last device's word reaches every watcher, wherever its flow comes in.
    _, publisher, tag = watches[-1]
    answer = publisher.publish(pidf(publisher.aor, activity="busy", tuple_id=publisher.tuple_id), etag=tag)
    world.expect_status("one device becomes busy", answer, 200)
    for at, (watch, _, _) in enumerate(watches):
        world.expect(f"watcher {at + 1} sees busy", watch.sees("<rpid:busy"))

    moved = [after - was for after, was in zip(handed_off(world), before)]
    world.expect(f"datagrams handed over by several workers: {moved}", sum(count > 0 for count in moved) >= 2)
    owners = [shard for shard in world.engine.ask("shards")["shards"] if shard["presentities"]]
    world.expect("alice is one presentity on one shard", sum(shard["presentities"] for shard in owners) >= 1)
    watchers = world.engine.ask("watchers", publisher.aor)["watchers"]
    world.expect(f"{PAIRS} watchers are listed", len(watchers) == PAIRS)


def handed_off(world):
    return [shard["dataplane"]["handed_off"] for shard in world.engine.ask("shards")["shards"]]
