# SIPp's scenarios (tests/e2e/sipp/*.xml) over both families, with one worker and with three.
import time

from world import scenario

ALONE = {
    "register": "REGISTER makes, refreshes, shows and removes a binding",
    "publish": "PUBLISH makes, refreshes, modifies and removes a publication",
    "publish_unknown_tag": "PUBLISH with a tag we never gave is answered 412",
    "publish_too_brief": "PUBLISH for one second is answered 423",
    "publish_unknown_event": "PUBLISH for an unknown package is answered 489",
    "fetch": "SUBSCRIBE with Expires 0 fetches once",
    "subscribe_unknown_event": "SUBSCRIBE to an unknown package is answered 489",
    "subscribe_too_brief": "SUBSCRIBE for one second is answered 423",
    "subscribe_unknown_dialog": "SUBSCRIBE in a dialog we do not have is answered 481",
}


def alone(world, name, family):
    world.sipp_ends(ALONE[name], world.sipp(name, "alice", family, peer="bob"))


def watch(world, family):
    watcher = world.sipp("watch", "alice", family, peer="bob")
    time.sleep(0.7)                # Its first NOTIFY shall be there before bob publishes.
    world.sipp_ends("bob publishes, refreshes, modifies and removes", world.sipp("publish", "bob", family))
    world.sipp_ends("alice sees open, busy and closed, refreshes and ends", watcher)


def wrong_password(world, family):
    before = world.engine.counters()
    world.sipp_ends("a wrong password is challenged again, never served",
                    world.sipp("refused", "alice", family, password="not-it"))
    world.expect_counter_moves("a wrong password", ["refused_wrong_digest", "wrong_digest"], before)


def unknown_user(world, family):
    before = world.engine.counters()
    world.sipp_ends("an unknown user is challenged again, never served",
                    world.sipp("refused", "alice", family, user="mallory"))
    world.expect_counter_moves("an unknown user", ["refused_user_unknown", "user_unknown"], before)


def register_all():
    for workers in (1, 3):
        for family in (4, 6):
            where = f"(SIPp, IPv{family}, {workers} worker{'s' if workers > 1 else ''})"
            options = {"workers": workers}
            scenario(f"a watcher sees a publisher come, be busy and go {where}", **options)(
                lambda world, family=family: watch(world, family))
            scenario(f"wrong password {where}", **options)(lambda world, family=family: wrong_password(world, family))
            scenario(f"unknown user {where}", **options)(lambda world, family=family: unknown_user(world, family))
            for name, title in ALONE.items():
                scenario(f"{title} {where}", **options)(
                    lambda world, name=name, family=family: alone(world, name, family))


register_all()
