#include "tests/sim/form_laws.h"

#include <array>

#include "parsers/address.h"
#include "parsers/number.h"
#include "engine/partition.h"
#include "tests/sim/event_package.h"
#include "tests/sim/partial_document.h"

namespace vedette::sim {

using parsers::HeaderId;
using parsers::Method;
using parsers::ParseError;

namespace {

struct StatusHeader {
  unsigned status;
  HeaderId header;
};

// RFC 3261 §21.4, RFC 6665 §8.3.2, RFC 3261 §10.3 step 7, §21.5.4, §21.4.13.
constexpr std::array kStatusHeaders = {
    StatusHeader{401, HeaderId::kWwwAuthenticate}, StatusHeader{405, HeaderId::kAllow},
    StatusHeader{415, HeaderId::kAccept},          StatusHeader{420, HeaderId::kUnsupported},
    StatusHeader{423, HeaderId::kMinExpires},      StatusHeader{489, HeaderId::kAllowEvents},
    StatusHeader{480, HeaderId::kRetryAfter}, StatusHeader{503, HeaderId::kRetryAfter}};

// What stands behind the topmost Via, malformed or not: fields may be joined and parted, empty ones left out.
std::string further_vias(const parsers::Message& message) {
  const parsers::HeaderField* field = message.find(HeaderId::kVia);
  std::string_view rest = message.value(*field);
  parsers::Via topmost;
  parsers::next_via(rest, topmost);
  std::string vias;
  const auto add = [&vias](std::string_view value) {
    for (const char c : value) {
      if (c != ' ' && c != '\t' && c != '\r' && c != '\n') vias += c;
    }
    while (vias.ends_with(',')) vias.pop_back();
    if (!vias.empty()) vias += ',';
  };
  add(rest);
  while ((field = message.find_next(*field)) != nullptr) add(message.value(*field));
  return vias.starts_with(',') ? vias.substr(vias.find_first_not_of(',')) : vias;
}

bool same_vias(const Facts& sent, const Facts& request) {
  return sent.branch == request.branch && sent.sent_by == request.sent_by &&
         further_vias(sent.message) == further_vias(request.message);
}

}  // namespace

void FormLaws::on_arrival(std::string_view bytes, const engine::Flow& flow) {
  known_.insert(flow.remote);
  static parsers::Message message;
  parsers::parse_message(bytes, message);     // What can be read of a broken one counts as well.
  for (const HeaderId header : {HeaderId::kContact, HeaderId::kRecordRoute, HeaderId::kPath, HeaderId::kVia}) {
    const parsers::HeaderField* field = message.find(header);
    for (; field != nullptr; field = message.find_next(*field)) {
      std::string_view rest = message.value(*field);
      engine::Endpoint endpoint;
      parsers::Address address;
      parsers::Via via;
      if (header == HeaderId::kVia) {
        // RFC 3261 §18.2.2: without rport the answer goes to the source address and the sent-by port.
        if (parsers::next_via(rest, via) == ParseError::kOk)
          known_.insert({flow.remote.address, via.port ? via.port : uint16_t{5060}});
        continue;
      }
      while (parsers::next_address(rest, address) == ParseError::kOk) {
        if (!engine::IpAddress::parse(address.uri.host, endpoint.address)) continue;
        endpoint.port = address.uri.has_port ? address.uri.port : 5060;
        known_.insert(endpoint);
      }
    }
  }
}

void FormLaws::broken(const Facts& sent, std::string law, std::string seen) {
  stage_.verdict.broken({.law = std::move(law), .seen = std::move(seen), .call_id = std::string(sent.call_id)});
}

void FormLaws::check(std::string_view bytes, const Facts& sent, const engine::Flow& flow, const Facts* request) {
  if (!sent.message.has_content_length() || sent.message.bytes().size() != bytes.size()) {
    broken(sent, "every message has a right Content-Length", std::string(sent.value(HeaderId::kContentLength)));
  }
  if (bytes.size() > config_.limits.datagram_bytes_max) {
    broken(sent, "no message is longer than datagram_bytes_max", std::to_string(bytes.size()) + " bytes");
  }
  check_destination(sent, flow);
  if (sent.is_request()) return check_request(sent);
  if (request == nullptr) {
    return broken(sent, "every response answers a request", "a response, and no request is being worked on");
  }
  check_response(sent, *request);
}

void FormLaws::check_destination(const Facts& sent, const engine::Flow& flow) {
  const engine::Endpoint& own = stage_.server_for(flow.remote);
  if (!(flow.local == own)) broken(sent, "messages leave from the server's own address", to_text(flow.local));
  if (known_.contains(flow.remote)) return;
  broken(sent, "nothing goes to an address that neither sent anything nor was given as a Contact",
         "to " + to_text(flow.remote));
}

void FormLaws::check_request(const Facts& sent) {
  if (sent.method != Method::kNotify) return broken(sent, "the only requests of the server are NOTIFYs", "another");
  // RFC 3261 §12.1.1: a SUBSCRIBE may have none in its From; whether the To has that one the book of dialogs knows.
  if (sent.from_tag.empty()) return broken(sent, "a NOTIFY has its notifier's tag", "it is missing");
  if (!sent.branch.starts_with(engine::kBranchPrefix)) {
    return broken(sent, "our branches begin with the cookie and our mark", std::string(sent.branch));
  }
  for (const HeaderId header :
       {HeaderId::kMaxForwards, HeaderId::kContact, HeaderId::kEvent, HeaderId::kSubscriptionState}) {
    if (!sent.has(header))
      broken(sent, "a NOTIFY has all its headers", "no " + std::string(parsers::to_string(header)));
  }
  check_gruu(sent);
  Package package{};
  if (!read_package(sent.message, package)) {
    return broken(sent, "a NOTIFY's Event is a package of ours", std::string(sent.value(HeaderId::kEvent)));
  }
  // Whether a watcher takes the partial one is a matter of its dialog.
  const std::string_view type = sent.value(HeaderId::kContentType);
  const bool is_partial = package == Package::kPresence && type == kPartialMediaType;
  if (!sent.message.body().empty() && type != entry_of(package).media_type && !is_partial) {
    broken(sent, "the body's Content-Type is its package's", std::string(type));
  }
}

// RFC 7621 §2, RFC 5627 §3.1.
void FormLaws::check_gruu(const Facts& sent) {
  parsers::Address contact;
  parsers::Param gr;
  if (parsers::parse_address(sent.value(HeaderId::kContact), contact) != parsers::ParseError::kOk ||
      !parsers::find_uri_param(contact.uri, "gr", gr)) {
    broken(sent, "a notifier's Contact is a GRUU", std::string(sent.value(HeaderId::kContact)));
  }
}

// RFC 3261 §8.2.6.
void FormLaws::check_response(const Facts& sent, const Facts& request) {
  if (!request.is_request() || request.method == Method::kAck) {
    return broken(sent, "only requests are answered, and no ACK is", std::to_string(sent.status()));
  }
  if (sent.call_id != request.call_id || sent.cseq != request.cseq ||
      sent.cseq_method != request.cseq_method ||
      sent.from_tag != request.from_tag) {
    return broken(sent, "a response carries its request's Call-ID, CSeq and From", std::string(request.call_id));
  }
  if (!same_vias(sent, request)) broken(sent, "a response carries its request's Vias", std::string(request.branch));
  if (sent.status() != 100 && sent.to_tag.empty()) broken(sent, "a response has a To tag", "none");
  if (!request.to_tag.empty() && sent.to_tag != request.to_tag) {
    broken(sent, "a response keeps the request's To tag", std::string(sent.to_tag));
  }
  check_status_headers(sent);
}

void FormLaws::check_status_headers(const Facts& sent) {
  const auto demand = [&](HeaderId header) {
    if (sent.has(header)) return;
    broken(sent, "a response has the headers that its status calls for",
           std::to_string(sent.status()) + " without " + std::string(parsers::to_string(header)));
  };
  for (const StatusHeader& row : kStatusHeaders) {
    if (row.status == sent.status()) demand(row.header);
  }
  uint32_t number = 0;
  if (sent.status() == 423 &&
      (parsers::parse_delta_seconds(sent.value(HeaderId::kMinExpires), number) != ParseError::kOk || number == 0)) {
    broken(sent, "Min-Expires is a number of seconds", std::string(sent.value(HeaderId::kMinExpires)));
  }
  if (!sent.is_success()) return;
  if (sent.method == Method::kSubscribe) {
    demand(HeaderId::kExpires);
    demand(HeaderId::kContact);
    check_gruu(sent);
  }
  if (sent.method == Method::kPublish) {
    demand(HeaderId::kExpires);
    demand(HeaderId::kSipEtag);
  }
}

}  // namespace vedette::sim
