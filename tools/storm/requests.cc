#include "tools/storm/requests.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>

#include "engine/auth/hex.h"
#include "parsers/digits.h"

namespace vedette::storm {
namespace {

using parsers::Writer;

constexpr std::string_view kMark = "storm-";
constexpr unsigned kMarkDigits = 8;
constexpr std::string_view kCnonce = "7d1f0c2a9be45503";
constexpr std::string_view kFill =
    "In the meeting room on the second floor, back at my desk after lunch; call the office if it is urgent. ";

struct Words {
  std::string_view name;  // In counters and reports.
  std::string_view method;
};
constexpr std::array<Words, static_cast<size_t>(Ask::kCount)> kWords = {{
    {"subscribe", "SUBSCRIBE"},
    {"refresh", "SUBSCRIBE"},
    {"poll", "SUBSCRIBE"},
    {"hammer", "SUBSCRIBE"},
    {"publish", "PUBLISH"},
    {"republish", "PUBLISH"},
    {"register", "REGISTER"},
}};

std::string_view method_of(Ask ask) { return kWords[static_cast<size_t>(ask)].method; }
bool has_dialog(Ask ask) { return ask == Ask::kSubscribe || ask == Ask::kRefresh; }
bool is_subscribe(Ask ask) { return ask <= Ask::kHammer; }

void write_endpoint(const engine::Endpoint& endpoint, Writer& writer) {
  endpoint.address.write_host(writer);
  writer.put(':').put_uint(endpoint.port);
}

HexDigest hash(const engine::Hashes& hashes, std::span<const std::string_view> parts) {
  engine::Sha256Digest digest;
  hashes.sha256(hashes.context, parts, digest);
  HexDigest text;
  engine::write_hex(digest, text.data());
  return text;
}

std::string_view view(const HexDigest& digest) { return {digest.data(), digest.size()}; }

}  // namespace

std::string_view to_string(Ask ask) { return kWords[static_cast<size_t>(ask)].name; }

void RequestWriter::write_aor(Writer& writer, uint32_t user) const {
  writer.put("sip:");
  write_user(writer, user);
  writer.put('@').put(domain_);
}

void RequestWriter::write_uri(const RequestParts& parts, Writer& writer) const {
  if (parts.ask == Ask::kRefresh && !parts.remote_target.empty()) {
    writer.put(parts.remote_target);
  } else if (parts.ask == Ask::kRegister) {
    writer.put("sip:").put(domain_);
  } else {
    write_aor(writer, parts.presentity);
  }
}

void RequestWriter::write_first_lines(const RequestParts& parts, Writer& writer) const {
  writer.put(method_of(parts.ask)).put(' ');
  write_uri(parts, writer);
  writer.put(" SIP/2.0\r\nVia: SIP/2.0/UDP ");
  write_endpoint(parts.from, writer);
  writer.put(";branch=z9hG4bK");
  write_token(writer, parts.transaction, kBranchSalt);
  writer.put(";rport\r\nMax-Forwards: 70\r\n");
}

void RequestWriter::write_dialog(const RequestParts& parts, Writer& writer) const {
  writer.put("From: <");
  write_aor(writer, parts.user);
  writer.put(">;tag=");
  write_token(writer, parts.subject, kTagSalt);
  writer.put("\r\nTo: <");
  write_aor(writer, parts.presentity);
  writer.put('>');
  if (parts.ask == Ask::kRefresh) writer.put(";tag=").put(parts.remote_tag);
  writer.put("\r\nCall-ID: ");
  write_token(writer, parts.subject,
              has_dialog(parts.ask) ? kDialogSalt : (is_subscribe(parts.ask) ? kPollSalt : kOtherSalt));
  writer.put("\r\nCSeq: ").put_uint(parts.cseq).put(' ').put(method_of(parts.ask)).put("\r\n");
  if (!is_subscribe(parts.ask) && parts.ask != Ask::kRegister) return;
  writer.put("Contact: <sip:");
  write_user(writer, parts.user);
  writer.put("-0x").put_hex(0x5581d0U + parts.device, 6).put('@');
  write_endpoint(parts.from, writer);
  writer.put(">\r\n");
}

void RequestWriter::write_about(const RequestParts& parts, Writer& writer) const {
  if (is_subscribe(parts.ask)) writer.put("Event: presence\r\nAccept: application/pidf+xml\r\n");
  if (parts.ask == Ask::kPublish || parts.ask == Ask::kRepublish) {
    writer.put("Event: presence\r\n");
    if (!parts.entity_tag.empty()) writer.put("SIP-If-Match: ").put(parts.entity_tag).put("\r\n");
  }
  writer.put("Expires: ").put_uint(parts.expires).put("\r\nUser-Agent: storm (x86_64/linux)\r\n");
}

HexDigest RequestWriter::ha1(uint32_t user, std::string_view realm) const {
  std::array<char, 64> name;
  Writer name_writer(name.data(), name.size());
  write_user(name_writer, user);
  const std::array<std::string_view, 5> a1 = {name_writer.text(), ":", realm, ":", kPassword};
  return hash(hashes_, a1);
}

// RFC 7616 §3.4.1, with qop=auth.
void RequestWriter::write_credentials(const RequestParts& parts, Writer& writer) const {
  std::array<char, 64> user;
  Writer user_writer(user.data(), user.size());
  write_user(user_writer, parts.user);
  std::array<char, 256> uri;
  Writer uri_writer(uri.data(), uri.size());
  write_uri(parts, uri_writer);
  std::array<char, 8> count;
  Writer(count.data(), count.size()).put_hex(parts.digest.nonce_count, 8);
  const std::string_view nc(count.data(), count.size());
  const std::array<std::string_view, 3> a2 = {method_of(parts.ask), ":", uri_writer.text()};
  const HexDigest ha2 = hash(hashes_, a2);
  const std::array<std::string_view, 9> all = {parts.digest.ha1, ":",     parts.digest.nonce, ":",      nc,
                                               ":",              kCnonce, ":auth:",           view(ha2)};
  const HexDigest response = hash(hashes_, all);
  writer.put("Authorization: Digest username=\"")
      .put(user_writer.text())
      .put("\", realm=\"")
      .put(parts.digest.realm);
  writer.put("\", nonce=\"").put(parts.digest.nonce).put("\", uri=\"").put(uri_writer.text());
  writer.put("\", response=\"").put(view(response)).put("\", cnonce=\"").put(kCnonce);
  writer.put("\", nc=").put(nc).put(", qop=auth, algorithm=SHA-256\r\n");
}

void RequestWriter::write(const RequestParts& parts, Writer& writer) const {
  write_first_lines(parts, writer);
  write_dialog(parts, writer);
  write_about(parts, writer);
  if (!parts.digest.realm.empty()) write_credentials(parts, writer);
  if (parts.ask != Ask::kPublish) {
    writer.put("Content-Length: 0\r\n\r\n");
    return;
  }
  std::array<char, 128> aor;
  Writer aor_writer(aor.data(), aor.size());
  write_aor(aor_writer, parts.presentity);
  std::array<char, 8192> body;
  Writer body_writer(body.data(), body.size());
  write_document(parts.version, parts.body_bytes, aor_writer.text(), body_writer);
  writer.put("Content-Type: application/pidf+xml\r\n");
  writer.put_header_uint("Content-Length", body_writer.length()).put("\r\n").put(body_writer.text());
}

void write_answer(const SipView& notify, Writer& writer) {
  constexpr std::string_view kBegin = "SIP/2.0 200 OK\r\n", kCallId = "\r\nCall-ID: ", kLineEnd = "\r\n",
                             kEnd = "\r\nServer: storm (x86_64/linux)\r\nContent-Length: 0\r\n\r\n";
  const size_t length = kBegin.size() + notify.via.size() + notify.from.size() + notify.to.size() + kCallId.size() +
                        notify.call_id.size() + notify.cseq_line.size() + 2 * kLineEnd.size() + kEnd.size();
  writer.put_run(length, [&](Writer::Run& run) {
    run.put(kBegin).put(notify.via).put(notify.from).put(kLineEnd).put(notify.to);
    run.put(kCallId).put(notify.call_id).put(kLineEnd).put(notify.cseq_line).put(kEnd);
  });
}

void write_document(uint32_t version, uint32_t bytes, std::string_view aor, Writer& writer) {
  constexpr std::string_view kTail =
      "</note></tuple><dm:person "
      "id=\"p1\"><rpid:activities><rpid:away/></rpid:activities></dm:person></presence>\r\n";
  const size_t begin = writer.length();
  writer.put(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<presence xmlns=\"urn:ietf:params:xml:ns:pidf\" "
      "xmlns:dm=\"urn:ietf:params:xml:ns:pidf:data-model\" "
      "xmlns:rpid=\"urn:ietf:params:xml:ns:pidf:rpid\" entity=\"");
  // What changes is the note, so that all documents are equally long.
  writer.put(aor)
      .put("\"><tuple id=\"t4109\"><status><basic>open</basic></status><contact priority=\"0.8\">")
      .put(aor)
      .put("</contact><note xml:lang=\"en\">");
  writer.put(kMark).put_hex(version, kMarkDigits).put(' ');
  while (writer.length() - begin + kTail.size() < bytes) {
    const size_t wanted = bytes - (writer.length() - begin) - kTail.size();
    writer.put(kFill.substr(0, std::min(wanted, kFill.size())));
    if (writer.overflowed()) return;
  }
  writer.put(kTail);
}

bool VersionReader::read(std::string_view body, uint32_t& version) {
  constexpr size_t kLength = kMark.size() + kMarkDigits;
  size_t at = body.size() - std::min(from_end_, body.size());
  if (from_end_ == 0 || body.substr(at, kMark.size()) != kMark) {
    at = body.rfind(kMark);
    if (at == std::string_view::npos) return false;
    from_end_ = body.size() - at;
  }
  uint64_t digits = 0;
  static_assert(sizeof digits == kMarkDigits);
  if (body.size() - at < kLength) return false;
  std::memcpy(&digits, body.data() + at + kMark.size(), sizeof digits);
  if (!parsers::are_hex_digits(digits)) return false;
  version = parsers::number_of_hex_digits(digits);
  return true;
}

}  // namespace vedette::storm
