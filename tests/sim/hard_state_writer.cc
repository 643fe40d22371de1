#include "tests/sim/hard_state_writer.h"

#include "tests/sim/publication_client.h"

namespace vedette::sim {

using engine::Duration;

namespace {

std::string aor_of_user(unsigned user) { return user_name(user) + "@" + std::string(domain_of_user(user)); }

}  // namespace

void HardStateWriter::change() {
  const unsigned user = static_cast<unsigned>(random_.below(stage_.preset.users));
  const std::string aor = aor_of_user(user);
  if (random_.chance(0.25)) return remove(aor);
  const std::string document = make_document(aor, user_name(user));
  const Duration lifetime =
      random_.chance(0.5) ? Duration() : Duration::seconds(static_cast<int64_t>(random_.between({2, 60})));
  if (!server_.change_hard_state(aor, document, lifetime)) return stage_.played.add(Play::kHardStateRefused);
  stage_.trace.note("hard state of " + aor + " for " + std::to_string(lifetime.to_seconds()) + " s: " + document);
  stage_.played.add(Play::kHardStateSet);
  laws_.on_hard_state_set(aor, document, lifetime);
}

void HardStateWriter::remove(const std::string& aor) {
  const bool was_there = server_.change_hard_state(aor, "");
  if (was_there) {
    stage_.trace.note("the hard state of " + aor + " is removed");
    stage_.played.add(Play::kHardStateRemoved);
  }
  laws_.on_hard_state_removed(aor, was_there);
}

void HardStateWriter::remove_all() {
  if (!stage_.preset.events.has_hard_states) return;
  for (unsigned user = 0; user < stage_.preset.users; ++user) remove(aor_of_user(user));
}

std::string HardStateWriter::make_document(const std::string& aor, const std::string& user) {
  // Some are longer than may be.
  const size_t padding = random_.chance(0.05) ? stage_.preset.limits.publication_body_bytes_max : random_.below(80);
  DocumentPlan plan = {.aor = aor,
                       .tuple_id = random_.chance(0.3) ? "same" : "hard",
                       .stamp = {"hard-" + user, ++documents_},
                       .open = random_.chance(0.5),
                       .with_tuple = random_.chance(0.7),
                       .with_closed_tuple = random_.chance(0.3),
                       .padding = padding,
                       .with_person = random_.chance(0.5),
                       .hides = random_.chance(0.08)};
  if (stage_.preset.events.has_rules) {
    put_details(plan, device_id_of(user, static_cast<unsigned>(random_.below(2))), random_);
  } else {
    plan.with_extension = random_.chance(0.3);
  }
  return write_document(plan);
}

}  // namespace vedette::sim
