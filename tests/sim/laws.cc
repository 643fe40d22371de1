#include "tests/sim/laws.h"

#include "engine/control_message.h"

namespace vedette::sim {

using parsers::HeaderId;
using parsers::Method;

Laws::Laws(Stage& stage, const engine::EngineConfig& config)
    : stage_(stage),
      form_(stage, config),
      model_(stage, config),
      rights_(stage, config, model_),
      auth_(stage, config, rights_),
      dialogs_(stage, config, model_, rights_) {}

void Laws::on_arrival(const Arrival& arrival) { form_.on_arrival(arrival.bytes, arrival.flow); }

void Laws::on_taken(const Arrival& arrival) {
  request_ = std::make_unique<Request>();
  request_->bytes = arrival.bytes;
  request_->flow = arrival.flow;
  request_->readable = read_facts(request_->bytes, request_->facts);
  const Facts& facts = request_->facts;
  if (!request_->readable) {
    if (!facts.message.is_request()) dialogs_.on_damaged_answer(facts.branch);
    return;
  }
  if (!facts.is_request() && facts.method == Method::kNotify) dialogs_.on_answer(facts, arrival.corrupted);
}

void Laws::on_notify_failed(std::string_view bytes) {
  request_.reset();
  Facts notify;
  if (read_facts(bytes, notify)) dialogs_.on_forward_failed(notify);
}

void Laws::on_output(std::string_view bytes, const engine::Flow& flow) {
  Facts sent;
  const bool understood = read_facts(bytes, sent);
  if (request_ && !sent.message.is_request() && !is_answered_rightly(bytes, sent, flow)) return;
  if (request_ && !request_->readable) {
    // What answers a request that was damaged beyond reading carries the damage over; it is a refusal at least.
    if (!sent.message.is_request() && sent.status() >= 400) return;
    stage_.verdict.broken(
        {.law = "a request that cannot be read is refused", .seen = std::string(bytes), .call_id = {}});
    return;
  }
  if (!understood) {
    stage_.verdict.broken(
        {.law = "every message that leaves can be parsed", .seen = std::string(bytes), .call_id = {}});
    return;
  }
  form_.check(bytes, sent, flow, request_ ? &request_->facts : nullptr);
  if (sent.is_request()) {
    dialogs_.on_notify(sent, false);
    if (!stage_.verdict.is_broken() && !dialogs_.may_target(sent, flow.remote)) {
      stage_.verdict.broken({.law = "a NOTIFY goes to its dialog's target or to a binding of its GRUU",
                             .seen = "to " + to_text(flow.remote),
                             .call_id = std::string(sent.call_id)});
    }
    return;
  }
  on_response_out(sent);
}

// RFC 3261 §18.2.2, §26.1.5: whatever a request looks like, nobody gets more sent by it than it is worth, or elsewhere.
bool Laws::is_answered_rightly(std::string_view response, const Facts& sent, const engine::Flow& flow) {
  const auto broken = [&](std::string law, std::string seen) {
    stage_.verdict.broken({.law = std::move(law), .seen = std::move(seen), .call_id = std::string(sent.call_id)});
    return false;
  };
  if (++request_->answers > 1) return broken("a request is answered once", std::string(response));
  if (!(flow.remote.address == request_->flow.remote.address)) {
    return broken("an answer goes to the address that its request came from", "to " + to_text(flow.remote));
  }
  // Names written out, received and rport, a tag, Server, Content-Length.
  constexpr size_t kAdded = 256;
  if (!request_->readable && response.size() > request_->bytes.size() + kAdded) {
    return broken("the refusal of a damaged request is hardly longer than that", std::to_string(response.size()));
  }
  return true;
}

void Laws::on_response_out(const Facts& response) {
  ++answers_[response.status()];
  if (!request_) return;
  const Facts& request = request_->facts;
  if (response.status() == 401) auth_.on_challenge(response);
  std::string deed = transaction_key(request) + "|" + std::to_string(response.status());
  // Only a new dialog's tag is part of the deed; others are made from the request, damaged as it may be.
  const bool makes_dialog = request.method == Method::kSubscribe && request.to_tag.empty();
  deed.append("|").append(makes_dialog ? response.to_tag : std::string_view());
  deed.append("|").append(response.value(HeaderId::kSipEtag));
  if (!deeds_.insert(std::move(deed)).second) {
    if (!response.is_success()) return;
    if (request.method == Method::kSubscribe) dialogs_.on_perhaps_refreshed(request, response, request_->flow);
    if (request.method == Method::kRegister) model_.on_registered_perhaps(request, request_->flow.remote, response);
    return;
  }
  if (response.is_success()) {
    if (is_first_copy(request)) on_success(request, response);
  } else if (response.status() == 403 && request.method == Method::kSubscribe) {
    const std::string watcher = aor_of_address(request.value(HeaderId::kFrom));
    if (auth_.may_be_from(request, watcher, aor_of(request.message.request_uri()))) dialogs_.on_forbidden(request);
  } else if (response.status() == 412) {
    model_.on_tag_refused(request);
  } else if (response.status() == 481 && request.method == Method::kSubscribe) {
    dialogs_.on_dialog_refused(request);
  } else if ((response.status() == 480 || response.status() == 500) && request.method == Method::kSubscribe) {
    dialogs_.on_share_refused(request, response);
  }
}

// RFC 3261 §8.2.2.2, §12.2.2: however many copies of a SUBSCRIBE or PUBLISH a forking proxy made, one is carried out.
// Where limits make the server forget its transactions it cannot know.
bool Laws::is_first_copy(const Facts& request) {
  if (request.method != Method::kSubscribe && request.method != Method::kPublish) return true;
  const std::string transaction = transaction_key(request);
  std::string copy(request.message.request_uri());
  for (const HeaderId header : {HeaderId::kTo, HeaderId::kCallId, HeaderId::kCSeq}) {
    copy.append("|").append(request.value(header));
  }
  copy.append("|").append(request.from_tag);
  const auto [found, is_new] = copies_.try_emplace(copy, Copy{transaction, stage_.now()});
  if (is_new || found->second.transaction == transaction) return true;
  const bool is_alive = stage_.now() < found->second.at + engine::Duration::seconds(32);
  found->second = {transaction, stage_.now()};
  if (!is_alive || !stage_.preset.serves_everybody) return true;
  stage_.verdict.broken({.law = "of the copies of one request one is carried out (RFC 3261 §8.2.2.2)",
                         .seen = copy,
                         .call_id = std::string(request.call_id)});
  return false;
}

void Laws::on_success(const Facts& request, const Facts& response) {
  switch (request.method) {
    case Method::kRegister:
      auth_.on_carried_out(request, aor_of_address(request.value(HeaderId::kTo)));
      dialogs_.on_bindings_changed();       // By expiry, just before.
      model_.on_registered(request, request_->flow.remote, response);
      dialogs_.on_bindings_changed();
      break;
    case Method::kPublish:
      auth_.on_carried_out(request, aor_of(request.message.request_uri()));
      dialogs_.on_rights_changed(aor_of(request.message.request_uri()));
      model_.on_published(request, request_->flow.remote, response);
      dialogs_.on_rights_changed(aor_of(request.message.request_uri()));      // Rules may ask for its sphere.
      break;
    case Method::kSubscribe: {
      dialogs_.on_subscribed(request, response, request_->flow);
      const DialogId id = dialog_of(request, response.to_tag);
      auth_.on_carried_out(request, dialogs_.aor_of_dialog(id));
      break;
    }
    default: break;
  }
}

void Laws::on_peer_output(engine::PeerKind kind, std::string_view bytes) {
  Facts sent;
  if (kind == engine::PeerKind::kForwardNotify || kind == engine::PeerKind::kForwardResend) {
    if (read_facts(bytes, sent) && sent.is_request() && sent.method == Method::kNotify) {
      dialogs_.on_notify(sent, true);
      return;
    }
    stage_.verdict.broken({.law = "what is forwarded to another shard is a NOTIFY",
                           .seen = std::string(bytes.substr(0, 200)),
                           .call_id = {}});
  }
}

void Laws::on_control_output(std::string_view bytes) {
  if (bytes.size() >= sizeof(engine::ControlReplyHeader)) return;
  stage_.verdict.broken({.law = "a control row begins with its header",
                         .seen = std::to_string(bytes.size()) + " bytes",
                         .call_id = {}});
}

void Laws::on_restart() {
  request_.reset();
  deeds_.clear();
  copies_.clear();
  model_.on_restart();
  rights_.on_restart();
  dialogs_.on_restart();
}

}  // namespace vedette::sim
