// Reads a filter document and writes the compiled form. The document is walked by xml_elements; what does not
// belong where it stands ends the reading.
#include <algorithm>
#include <array>

#include "parsers/event_filter.h"
#include "parsers/event_filter_format.h"
#include "parsers/event_filter_path.h"
#include "parsers/param.h"
#include "parsers/pidf_schema.h"
#include "parsers/uri.h"
#include "parsers/xml_elements.h"
#include "parsers/xml_values.h"

namespace vedette::parsers {
namespace {

constexpr std::array<XmlKnownNamespace, 1> kKnown = {{{"urn:ietf:params:xml:ns:simple-filter", "", false}}};
constexpr uint8_t kFilterSpace = 0;
constexpr size_t kTextBytesMax = 512;
constexpr size_t kBindingsBytesMax = 2'048;
constexpr size_t kBindingsMax = 16;

class FilterCompiler {
 public:
  FilterCompiler(std::string_view body, const FilterContext& context)
      : elements_(body, kKnown), context_(context) { begin_content(); }

  FilterReport compile(std::span<char> out);

 private:
  struct Binding {
    std::string_view prefix, name;
  };

  void read_filter_set();
  bool skip_extension();
  void read_bindings();
  void read_filter();
  void begin_content();
  void read_content();
  void read_what();
  void read_selector(bool excludes);
  void read_trigger();
  void read_change(FilterChangeKind kind);
  void put_said(FilterChangeKind kind, std::string_view name, Writer& out);
  bool may_have_another(size_t& count);
  void put_path(const FilterPath& path, Writer& out);
  void put_comparison(const FilterComparison& comparison, Writer& out);
  void put_name(const FilterName& name, Writer& out);
  void put_test(uint8_t space, std::string_view local, Writer& out);
  // An attribute without a prefix; empty when it is not there.
  std::string_view attribute(std::string_view name, std::span<char> room);
  const XmlAttribute* find_attribute(std::string_view name) const;
  std::string_view keep(std::string_view text);
  uint8_t namespace_of(std::string_view name);
  uint8_t namespace_of_prefix(std::string_view prefix);
  uint8_t space_of_attribute(const FilterName& name);
  void refuse(FilterError error) {
    if (error_ == FilterError::kOk) error_ = error;
    elements_.refuse();
  }
  bool is(const char* local) const {
    return elements_.name().space.known == kFilterSpace && elements_.name().local == local;
  }

  XmlElements elements_;
  const FilterContext& context_;
  FilterError error_ = FilterError::kOk;
  std::array<Binding, kBindingsMax> bindings_;
  size_t binding_count_ = 0;
  std::array<char, kBindingsBytesMax> texts_;
  size_t texts_length_ = 0;
  std::array<std::string_view, kFilterNamespacesMax> namespaces_;
  size_t namespace_count_ = 0;
  std::array<char, kFilterBytesMax> selector_bytes_;
  Writer selectors_{nullptr, 0};
  size_t selector_count_ = 0, comparison_count_ = 0;
  std::array<char, kFilterBytesMax> trigger_bytes_;
  Writer triggers_{nullptr, 0};
  size_t trigger_count_ = 0, change_count_ = 0;
  std::string_view id_;
  // How it is said which resource the filter is for. The later goes before the earlier.
  enum class Scope : uint8_t { kOther, kDomain, kResource };
  Scope scope();
  Scope scope_ = Scope::kOther;   // Of the filter that was read.
  FilterReport report_;
};

FilterReport FilterCompiler::compile(std::span<char> out) {
  if (!elements_.next_child() || !is("filter-set")) {
    refuse(FilterError::kMalformed);
  } else {
    read_filter_set();
    elements_.next_child();  // The end of the document.
  }
  if (error_ == FilterError::kOk && !elements_.ok()) {
    error_ = elements_.trouble() == XmlTrouble::kTooLong ? FilterError::kTooLarge : FilterError::kMalformed;
  }
  if (error_ != FilterError::kOk) return {.error = error_};
  if (selector_count_ == 0 && trigger_count_ == 0) return report_;
  Writer writer(out.data(), std::min(out.size(), kFilterBytesMax));
  writer.put(static_cast<char>(trigger_count_)).put(static_cast<char>(id_.size())).put(id_);
  writer.put(static_cast<char>(namespace_count_));
  for (size_t i = 0; i < namespace_count_; ++i) {
    writer.put(static_cast<char>(namespaces_[i].size())).put(namespaces_[i]);
  }
  writer.put(static_cast<char>(selector_count_)).put(selectors_.text()).put(triggers_.text());
  if (writer.overflowed() || selectors_.overflowed() || triggers_.overflowed()) {
    return {.error = FilterError::kTooLarge};
  }
  report_.length = writer.length();
  report_.has_conditions = comparison_count_ > 0;
  return report_;
}

// RFC 4661 §3.2.
void FilterCompiler::read_filter_set() {
  std::array<char, kTextBytesMax> room;
  const std::string_view package = attribute("package", room);
  if (!package.empty() && package != context_.package) return refuse(FilterError::kUnsupported);
  while (elements_.next_child()) {
    if (is("ns-bindings")) {
      read_bindings();
    } else if (is("filter")) {
      read_filter();
    } else if (!skip_extension()) {
      return refuse(is("trigger") ? FilterError::kUnsupported : FilterError::kMalformed);
    }
  }
}

// RFC 4661 §4: what extensions add "MUST be designed such that receivers can safely ignore such extensions";
// §7 has room for elements of other namespaces, which is not where there is none.
bool FilterCompiler::skip_extension() {
  const uint8_t space = elements_.name().space.known;
  if (space == kFilterSpace || space == kXmlNoNamespace) return false;
  elements_.skip();
  return true;
}

void FilterCompiler::read_bindings() {
  while (elements_.next_child()) {
    if (!is("ns-binding")) return refuse(FilterError::kMalformed);
    if (binding_count_ == bindings_.size()) return refuse(FilterError::kTooLarge);
    std::array<char, kTextBytesMax> room;
    const std::string_view prefix = keep(attribute("prefix", room));
    const std::string_view name = keep(attribute("urn", room));
    if (prefix.empty() || name.empty()) return refuse(FilterError::kMalformed);
    bindings_[binding_count_++] = {prefix, name};
    elements_.skip();
  }
}

// RFC 4661 §3.4.
void FilterCompiler::read_filter() {
  std::array<char, kTextBytesMax> room, name_room;
  const std::string_view name = attribute("id", name_room);
  if (name.empty()) return refuse(FilterError::kMalformed);
  if (name.size() > UINT8_MAX) return refuse(FilterError::kTooLarge);
  const bool is_held = name == context_.held_id;
  const Scope scope = this->scope();
  const std::string_view removes = attribute("remove", room);
  if (scope != Scope::kOther && (removes == "true" || removes == "1")) {
    report_.removes_held = report_.removes_held || is_held;
    return elements_.skip();
  }
  if (scope == Scope::kOther || scope < scope_) return elements_.skip();
  // RFC 4660 §5.2: "a server MUST check that there are no filters addressed to the same resource or domain".
  if (scope == scope_) return refuse(FilterError::kUnsupported);
  scope_ = scope;
  const std::string_view enables = attribute("enabled", room);
  report_.concerns_this = true;
  report_.names_held = is_held;
  report_.is_enabled = enables != "false" && enables != "0";
  report_.has_content = false;
  begin_content();
  id_ = keep(name);
  read_content();
}

void FilterCompiler::begin_content() {
  selectors_ = Writer(selector_bytes_.data(), selector_bytes_.size());
  triggers_ = Writer(trigger_bytes_.data(), trigger_bytes_.size());
  selector_count_ = comparison_count_ = trigger_count_ = change_count_ = 0;
}

// RFC 4660 §5.4: "If a <what> or <trigger> element is empty, the notifier proceeds as if the element did not exist."
void FilterCompiler::read_content() {
  size_t whats = 0;
  while (elements_.next_child()) {
    if (is("trigger")) {
      report_.has_content = true;
      read_trigger();
    } else if (is("what")) {
      if (++whats > 1) return refuse(FilterError::kUnsupported);
      report_.has_content = true;
      read_what();
    } else if (!skip_extension()) {
      return refuse(FilterError::kMalformed);
    }
  }
}

// RFC 4660 §5.2.1: a filter without a URI is for what is subscribed to; one that names another resource is for a list.
FilterCompiler::Scope FilterCompiler::scope() {
  std::array<char, kTextBytesMax> room, domain_room;
  const std::string_view domain = attribute("domain", domain_room);
  const std::string_view text = attribute("uri", room);
  if (!domain.empty()) {
    // RFC 4661 §3.4: "The 'uri' attribute and the 'domain' attribute MUST NOT appear together in the <filter>."
    if (!text.empty()) refuse(FilterError::kMalformed);
    const size_t at = context_.aor.rfind('@');
    const bool is_ours = at != std::string_view::npos && equal_ignoring_case(domain, context_.aor.substr(at + 1));
    return is_ours ? Scope::kDomain : Scope::kOther;
  }
  if (text.empty()) return Scope::kResource;
  Uri uri;
  std::array<char, kTextBytesMax> aor;
  size_t length = 0;
  const bool is_this = parse_uri(text, uri) == ParseError::kOk &&
                       write_canonical_aor(uri, aor.data(), aor.size(), length) == ParseError::kOk &&
                       std::string_view(aor.data(), length) == context_.aor;
  return is_this ? Scope::kResource : Scope::kOther;
}

void FilterCompiler::read_what() {
  while (elements_.next_child()) {
    if (is("include") || is("exclude")) {
      read_selector(is("exclude"));
    } else if (!skip_extension()) {
      return refuse(FilterError::kMalformed);
    }
  }
}

// RFC 4661 §3.5.3: an xpath, unless its type says namespace.
void FilterCompiler::read_selector(bool excludes) {
  std::array<char, kTextBytesMax> room;
  const std::string_view type = attribute("type", room);
  const bool is_namespace = type == "namespace";
  if (!type.empty() && !is_namespace && type != "xpath") return refuse(FilterError::kMalformed);
  const std::string_view text = elements_.read_text(room);
  if (!elements_.ok()) return;
  if (text.empty()) return refuse(FilterError::kMalformed);
  if (!may_have_another(selector_count_)) return;
  const uint8_t excluding = excludes ? kFilterExcludes : 0;
  if (is_namespace) {
    selectors_.put(static_cast<char>(kFilterIsNamespace | excluding)).put('\1').put('\1');
    put_test(namespace_of(keep(text)), {}, selectors_);
    selectors_.put('\0');
    return;
  }
  FilterPath path;
  const FilterError error = parse_filter_path(text, path);
  if (error != FilterError::kOk) return refuse(error);
  selectors_.put(static_cast<char>(excluding));
  put_path(path, selectors_);
}

// RFC 4661 §3.6.
void FilterCompiler::read_trigger() {
  const size_t before = change_count_;
  while (elements_.next_child()) {
    if (is("changed")) {
      read_change(FilterChangeKind::kChanged);
    } else if (is("added")) {
      read_change(FilterChangeKind::kAdded);
    } else if (is("removed")) {
      read_change(FilterChangeKind::kRemoved);
    } else if (!skip_extension()) {
      return refuse(FilterError::kMalformed);
    }
  }
  if (change_count_ == before) return;
  triggers_.put(static_cast<char>(FilterChangeKind::kEnd));
  ++trigger_count_;
}

void FilterCompiler::read_change(FilterChangeKind kind) {
  if (!may_have_another(change_count_)) return;
  // The attributes are read before the path, and stand behind it.
  std::array<char, 3 * (kTextBytesMax + 2)> said_bytes;
  Writer said(said_bytes.data(), said_bytes.size());
  for (const std::string_view name : {"from", "to", "by"}) put_said(kind, name, said);
  std::array<char, kTextBytesMax> room;
  const std::string_view text = elements_.read_text(room);
  if (!elements_.ok()) return;
  if (text.empty()) return refuse(FilterError::kMalformed);
  FilterPath path;
  FilterError error = parse_filter_path(text, path);
  // §5: what a trigger has is a "reference", which has no conditions.
  if (error == FilterError::kOk && path.comparisons.size() > 0) error = FilterError::kUnsupported;
  if (error != FilterError::kOk) return refuse(error);
  triggers_.put(static_cast<char>(kind));
  put_path(path, triggers_);
  triggers_.put(said.text());
}

// §3.6.1: "The <changed> element MAY contain the 'from' attribute, the 'to' attribute, the 'by' attribute".
void FilterCompiler::put_said(FilterChangeKind kind, std::string_view name, Writer& out) {
  if (kind != FilterChangeKind::kChanged || find_attribute(name) == nullptr) {
    out.put('\0');
    return;
  }
  std::array<char, kTextBytesMax> room;
  const std::string_view text = attribute(name, room);
  // §3.6.1.4: "if the 'by' attribute is used in combination with the other attributes, the other attribute types MUST
  // match the 'by' type of decimal."
  int64_t number = 0;
  if (find_attribute("by") != nullptr && !parse_decimal(text, number)) return refuse(FilterError::kMalformed);
  if (text.size() >= UINT8_MAX) return refuse(FilterError::kTooLarge);
  out.put(static_cast<char>(text.size() + 1)).put('=').put(text);
}

bool FilterCompiler::may_have_another(size_t& count) {
  if (count == kFilterSelectorsMax) {
    refuse(FilterError::kTooLarge);
    return false;
  }
  ++count;
  return true;
}

void FilterCompiler::put_path(const FilterPath& path, Writer& out) {
  comparison_count_ += path.comparisons.size();
  if (comparison_count_ > kFilterComparisonsMax) return refuse(FilterError::kTooLarge);
  out.put(static_cast<char>(path.steps.size()));
  size_t comparison = 0;
  for (const FilterStep& step : path.steps.items()) {
    out.put(step.descends ? '\1' : '\0');
    put_name(step.name, out);
    out.put(static_cast<char>(step.comparisons));
    for (size_t i = 0; i < step.comparisons; ++i) put_comparison(path.comparisons[comparison++], out);
  }
}

void FilterCompiler::put_comparison(const FilterComparison& comparison, Writer& out) {
  out.put(comparison.is_alternative ? '\1' : '\0').put(static_cast<char>(comparison.levels));
  for (size_t i = 0; i < comparison.levels; ++i) put_name(comparison.path[i], out);
  out.put(comparison.is_of_attribute ? '\1' : '\0');
  if (comparison.is_of_attribute) put_test(space_of_attribute(comparison.attribute), comparison.attribute.local, out);
  out.put(static_cast<char>(comparison.op));
  out.put(static_cast<char>(comparison.value.size())).put(comparison.value);
}

void FilterCompiler::put_name(const FilterName& name, Writer& out) {
  uint8_t space = kFilterAnyNamespace;
  if (!name.prefix.empty()) {
    space = namespace_of_prefix(name.prefix);
  } else if (!name.local.empty()) {
    space = namespace_of(kPidfNamespaces[pidf_space::kPidf].name);
  }
  put_test(space, name.local, out);
}

void FilterCompiler::put_test(uint8_t space, std::string_view local, Writer& out) {
  if (local.size() > UINT8_MAX) return refuse(FilterError::kTooLarge);
  out.put(static_cast<char>(space)).put(static_cast<char>(local.size())).put(local);
}

const XmlAttribute* FilterCompiler::find_attribute(std::string_view name) const {
  for (const XmlAttribute& attribute : elements_.attributes()) {
    if (attribute.name.prefix.empty() && attribute.name.local == name) return &attribute;
  }
  return nullptr;
}

std::string_view FilterCompiler::attribute(std::string_view name, std::span<char> room) {
  const XmlAttribute* const found = find_attribute(name);
  return found == nullptr ? std::string_view() : elements_.read_value(*found, room);
}

// A copy that lives as long as this.
std::string_view FilterCompiler::keep(std::string_view text) {
  if (text.size() > texts_.size() - texts_length_) {
    refuse(FilterError::kTooLarge);
    return {};
  }
  char* const at = texts_.data() + texts_length_;
  std::copy(text.begin(), text.end(), at);
  texts_length_ += text.size();
  return {at, text.size()};
}

uint8_t FilterCompiler::namespace_of(std::string_view name) {
  const auto end = namespaces_.begin() + static_cast<ptrdiff_t>(namespace_count_);
  const auto found = std::find(namespaces_.begin(), end, name);
  if (found == end) {
    if (namespace_count_ == namespaces_.size() || name.size() > UINT8_MAX) {
      refuse(FilterError::kTooLarge);
      return kFilterAnyNamespace;
    }
    namespaces_[namespace_count_++] = name;
  }
  return static_cast<uint8_t>(found - namespaces_.begin());
}

// XPath 1.0 §2.3: without a prefix, an attribute has no namespace. Namespaces in XML §3: "xml" needs no declaration.
uint8_t FilterCompiler::space_of_attribute(const FilterName& name) {
  if (name.prefix.empty()) return name.local.empty() ? kFilterAnyNamespace : kFilterNoNamespace;
  return name.prefix == "xml" ? kFilterOwnNamespace : namespace_of_prefix(name.prefix);
}

uint8_t FilterCompiler::namespace_of_prefix(std::string_view prefix) {
  for (size_t i = 0; i < binding_count_; ++i) {
    if (bindings_[i].prefix == prefix) return namespace_of(bindings_[i].name);
  }
  refuse(FilterError::kMalformed);
  return kFilterAnyNamespace;
}

}  // namespace

FilterReport compile_event_filter(std::string_view body, const FilterContext& context, std::span<char> out) {
  return FilterCompiler(body, context).compile(out);
}

}  // namespace vedette::parsers
