#include "tests/sim/document_view.h"

#include <charconv>
#include <memory>

#include "tests/sim/fake_hashes.h"

namespace vedette::sim {
namespace {

constexpr size_t kNormalisedBytesMax = 262'144;
constexpr std::string_view kStampMark = "stamp:";

std::string check_sum(std::string_view text) { return to_hex(std::to_string(hash_text(text) % 1'000'000)); }

std::span<char> scratch() {
  static const std::unique_ptr<char[]> kBuffer(new char[kNormalisedBytesMax]);
  return {kBuffer.get(), kNormalisedBytesMax};
}

}  // namespace

std::string write_stamp(const Stamp& stamp) {
  const std::string text = stamp.publication + "/" + std::to_string(stamp.version);
  return std::string(kStampMark) + text + "/" + check_sum(text) + ";";
}

bool read_stamp(std::string_view fragment, Stamp& out) {
  const size_t at = fragment.find(kStampMark);
  if (at == std::string_view::npos) return false;
  std::string_view text = fragment.substr(at + kStampMark.size());
  const size_t end = text.find(';');
  if (end == std::string_view::npos) return false;
  text = text.substr(0, end);
  const size_t check_at = text.rfind('/');
  if (check_at == std::string_view::npos || check_sum(text.substr(0, check_at)) != text.substr(check_at + 1)) {
    return false;
  }
  text = text.substr(0, check_at);
  const size_t version_at = text.rfind('/');
  if (version_at == std::string_view::npos) return false;
  out.publication = text.substr(0, version_at);
  const std::string_view version = text.substr(version_at + 1);
  return std::from_chars(version.data(), version.data() + version.size(), out.version).ec == std::errc();
}

uint64_t content_of_tuple(std::string_view before_id, std::string_view after_id) {
  return hash_text(before_id) * 31 + hash_text(after_id);
}

bool read_document(std::string_view body, DocumentView& out) {
  static parsers::PidfDocument document;
  const std::span<char> buffer = scratch();
  if (parsers::normalise_pidf(body, buffer, document) != parsers::ParseError::kOk) return false;
  out = {};
  out.entity = document.entity;
  out.bytes = body.size();
  for (size_t i = 0; i < document.count; ++i) {
    const parsers::Fragment& fragment = document.fragments[i];
    const std::string_view text(buffer.data() + fragment.offset, fragment.length);
    const std::string_view before_id = text.substr(0, fragment.id_offset);
    const std::string_view after_id = text.substr(fragment.id_offset + fragment.id_length);
    const uint64_t content = content_of_tuple(before_id, after_id);
    if (fragment.kind == parsers::FragmentKind::kPerson) {
      out.persons.push_back(content);
      out.is_hidden = out.is_hidden || text.find("<op:basic>closed<") != std::string_view::npos;
    }
    if (fragment.kind == parsers::FragmentKind::kDevice) {
      out.devices.push_back({content, std::string(text.substr(fragment.device_id_offset, fragment.device_id_length))});
    }
    if (fragment.kind == parsers::FragmentKind::kNote) out.notes.push_back(content);
    if (fragment.kind != parsers::FragmentKind::kTuple) continue;
    TupleView tuple;
    tuple.basic = fragment.basic;
    tuple.content = content;
    tuple.id = text.substr(fragment.id_offset, fragment.id_length);
    tuple.stamped = read_stamp(text, tuple.stamp);
    out.tuples.push_back(std::move(tuple));
  }
  return true;
}

namespace {

std::string element(std::string_view name, std::string_view content, std::string_view attributes = {}) {
  if (content.empty()) return {};
  const std::string tag(name);
  return "<" + tag + std::string(attributes) + ">" + std::string(content) + "</" + tag + ">";
}

std::string user_input(const DocumentPlan& plan) {
  if (plan.last_input.empty()) return {};
  return element("rpid:user-input", "idle",
                 " idle-threshold=\"600\" last-input=\"" + std::string(plan.last_input) + "\"");
}

std::string class_of(const DocumentPlan& plan) { return element("rpid:class", plan.class_name); }

std::string person_of(const DocumentPlan& plan) {
  std::string text = "<dm:person id=\"p-" + plan.tuple_id + "\"><rpid:activities><rpid:away/></rpid:activities>" +
                     class_of(plan);
  if (!plan.mood.empty()) text += "<rpid:mood><rpid:" + std::string(plan.mood) + "/></rpid:mood>";
  if (!plan.sphere.empty()) text += "<rpid:sphere><rpid:" + std::string(plan.sphere) + "/></rpid:sphere>";
  text += user_input(plan);
  if (plan.hides) text += "<op:overriding-willingness><op:basic>closed</op:basic></op:overriding-willingness>";
  return text + "<dm:note>" + write_stamp(plan.stamp) + "</dm:note></dm:person>\r\n";
}

std::string tuple_of(const DocumentPlan& plan) {
  return "<tuple id=\"" + plan.tuple_id + "\"><status><basic>" + (plan.open ? "open" : "closed") +
         "</basic></status>\r\n" + class_of(plan) + user_input(plan) +
         (plan.with_extension ? "<x:y xmlns:x=\"urn:x\">z</x:y>" : "") + element("dm:deviceID", plan.device_id) +
         "<contact>sip:" + plan.aor + "</contact><note>" + write_stamp(plan.stamp) + std::string(plan.padding, 'x') +
         "</note></tuple>\r\n";
}

std::string closed_tuple_of(const DocumentPlan& plan) {
  return "<tuple id=\"c-" + plan.tuple_id + "\"><status><basic>closed</basic></status><note>" +
         write_stamp(plan.stamp) + "</note></tuple>\r\n";
}

std::string device_of(const DocumentPlan& plan) {
  return "<dm:device id=\"v-" + plan.tuple_id + "\">" + class_of(plan) + user_input(plan) + "<dm:deviceID>" +
         plan.device_id + "</dm:deviceID><dm:note>" + write_stamp(plan.stamp) + "</dm:note></dm:device>\r\n";
}

}  // namespace

std::string write_document(const DocumentPlan& plan) {
  std::string text =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n"
      "<presence xmlns=\"urn:ietf:params:xml:ns:pidf\" xmlns:dm=\"urn:ietf:params:xml:ns:pidf:data-model\""
      " xmlns:rpid=\"urn:ietf:params:xml:ns:pidf:rpid\" xmlns:op=\"urn:oma:xml:prs:pidf:oma-pres\" "
      "entity=\"sip:" +
      plan.aor + "\">\r\n";
  if (plan.with_tuple) text += tuple_of(plan);
  if (plan.with_closed_tuple) text += closed_tuple_of(plan);
  if (plan.with_extension) text += "<note>" + write_stamp(plan.stamp) + "</note>";
  if (plan.with_person || plan.hides) text += person_of(plan);
  if (!plan.device_id.empty()) text += device_of(plan);
  return text + "</presence>\r\n";
}

std::string to_text(const std::vector<TupleView>& tuples) {
  std::string text = "{";
  for (const TupleView& tuple : tuples) {
    if (text.size() > 1) text += ", ";
    text += tuple.stamped ? tuple.stamp.publication + " version " + std::to_string(tuple.stamp.version) : tuple.id;
    text += tuple.basic == parsers::BasicStatus::kOpen     ? " open"
            : tuple.basic == parsers::BasicStatus::kClosed ? " closed"
                                                           : " -";
  }
  return text + "}";
}

}  // namespace vedette::sim
