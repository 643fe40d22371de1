#!/usr/bin/python3
# A Linphone user without a screen: liblinphone itself, told what to publish on standard input.
#
# linphonec can only be online; this can be busy, too. Runs as a process of its own (client_linphone.py starts it).
# Usage: client_linphone_core.py CONFIGURATION. Reads "publish online|busy|away|offline|do-not-disturb" and "quit";
# writes "NAME is STATE [ACTIVITY]" for each change of a friend's presence.
import ctypes
import select
import sys
import time

LIB = ctypes.CDLL("liblinphone.so.10")
POINTER = ctypes.c_void_p
CONSOLIDATED = {"online": 0, "busy": 1, "do-not-disturb": 2, "offline": 3}   # LinphoneConsolidatedPresence.
ACTIVITIES = {"away": 1, "busy": 3}                                          # LinphonePresenceActivityType.
STATES = {number: name for name, number in CONSOLIDATED.items()}
REGISTERED = 2                                                               # LinphoneRegistrationState.


def function(name, result, *arguments):
    found = getattr(LIB, "linphone_" + name)
    found.restype, found.argtypes = result, arguments
    return found


factory_get = function("factory_get", POINTER)
create_core = function("factory_create_core_3", POINTER, POINTER, ctypes.c_char_p, ctypes.c_char_p, POINTER)
create_callbacks = function("factory_create_core_cbs", POINTER, POINTER)
on_presence = function("core_cbs_set_notify_presence_received", None, POINTER, POINTER)
on_registration = function("core_cbs_set_account_registration_state_changed", None, POINTER, POINTER)
add_callbacks = function("core_add_callbacks", None, POINTER, POINTER)
start = function("core_start", ctypes.c_int, POINTER)
iterate = function("core_iterate", None, POINTER)
stop = function("core_stop", None, POINTER)
publish_consolidated = function("core_set_consolidated_presence", None, POINTER, ctypes.c_int)
new_model = function("presence_model_new_with_activity", POINTER, ctypes.c_int, ctypes.c_char_p)
publish_model = function("core_set_presence_model", None, POINTER, POINTER)
friend_state = function("friend_get_consolidated_presence", ctypes.c_int, POINTER)
friend_model = function("friend_get_presence_model", POINTER, POINTER)
friend_address = function("friend_get_address", POINTER, POINTER)
model_activity = function("presence_model_get_activity", POINTER, POINTER)
activity_text = function("presence_activity_to_string", ctypes.c_char_p, POINTER)
address_user = function("address_get_username", ctypes.c_char_p, POINTER)
use_file_logs = function("core_set_log_level_mask", None, ctypes.c_uint)


def say(text):
    print(text, flush=True)


@ctypes.CFUNCTYPE(None, POINTER, POINTER)
def presence_received(_core, friend):
    model = friend_model(friend)
    activity = model_activity(model) if model else None
    said = (activity_text(activity) or b"").decode() if activity else ""
    say(f"{address_user(friend_address(friend)).decode()} is {STATES[friend_state(friend)]} {said}".rstrip())


@ctypes.CFUNCTYPE(None, POINTER, POINTER, ctypes.c_int, ctypes.c_char_p)
def registration_changed(_core, _account, state, message):
    say("registered" if state == REGISTERED else f"registration state {state}: {(message or b'').decode()}")


def obey(core, line):
    verb, _, what = line.strip().partition(" ")
    if verb == "publish" and what in ACTIVITIES:
        publish_model(core, new_model(ACTIVITIES[what], None))
    elif verb == "publish" and what in CONSOLIDATED:
        publish_consolidated(core, CONSOLIDATED[what])
    elif verb != "quit":
        say(f"cannot '{line.strip()}'")
    return verb != "quit"


def main():
    if len(sys.argv) != 2:
        sys.exit("Usage: client_linphone_core.py CONFIGURATION")
    use_file_logs(0)
    factory = factory_get()
    core = create_core(factory, sys.argv[1].encode(), None, None)
    callbacks = create_callbacks(factory)
    on_presence(callbacks, ctypes.cast(presence_received, POINTER))
    on_registration(callbacks, ctypes.cast(registration_changed, POINTER))
    add_callbacks(core, callbacks)
    start(core)
    goes_on = True
    while goes_on:
        iterate(core)
        if select.select([sys.stdin], [], [], 0.02)[0]:
            line = sys.stdin.readline()
            goes_on = line != "" and obey(core, line)
    stop(core)                                # Takes back publication, subscriptions and registration.
    end = time.monotonic() + 0.2
    while time.monotonic() < end:
        iterate(core)
        time.sleep(0.02)


main()
