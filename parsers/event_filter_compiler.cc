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
      : elements_(body, kKnown), context_(context), selectors_(selector_bytes_.data(), selector_bytes_.size()) {}

  FilterReport compile(std::span<char> out);

 private:
  struct Binding {
    std::string_view prefix, name;
  };

  void read_filter_set();
  bool skip_extension();
  void read_bindings();
  void read_filter();
  void read_content();
  void read_what();
  void read_selector(bool excludes);
  void put_path(std::string_view text, bool excludes);
  void put_selector(uint8_t kind, size_t steps);
  void put_comparison(const FilterComparison& comparison);
  void put_name(const FilterName& name);
  void put_test(uint8_t space, std::string_view local);
  // An attribute without a prefix; empty when it is not there.
  std::string_view attribute(std::string_view name, std::span<char> room);
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
  Writer selectors_;
  size_t selector_count_ = 0, comparison_count_ = 0;
  // How it is said which resource the filter is for. The later goes before the earlier.
  enum class Scope : uint8_t { kOther, kDomain, kResource };
  Scope scope();
  Scope scope_ = Scope::kOther;   // Of the filter that was read.
  FilterReport report_;
};

// FNV-1a, folded.
uint8_t hash_of(std::string_view id) {
  uint32_t hash = 2'166'136'261U;
  for (const char c : id) hash = (hash ^ static_cast<uint8_t>(c)) * 16'777'619U;
  return static_cast<uint8_t>(hash ^ hash >> 8 ^ hash >> 16 ^ hash >> 24);
}

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
  if (selector_count_ == 0) return report_;
  Writer writer(out.data(), std::min(out.size(), kFilterBytesMax));
  writer.put(static_cast<char>(namespace_count_));
  for (size_t i = 0; i < namespace_count_; ++i) {
    writer.put(static_cast<char>(namespaces_[i].size())).put(namespaces_[i]);
  }
  writer.put(static_cast<char>(selector_count_)).put(selectors_.text());
  if (writer.overflowed() || selectors_.overflowed()) return {.error = FilterError::kTooLarge};
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
  std::array<char, kTextBytesMax> room;
  const std::string_view name = attribute("id", room);
  if (name.empty()) return refuse(FilterError::kMalformed);
  const uint8_t id = hash_of(name);
  const Scope scope = this->scope();
  const std::string_view removes = attribute("remove", room);
  if (scope != Scope::kOther && (removes == "true" || removes == "1")) {
    if (report_.removed_count == kFiltersRemovedMax) return refuse(FilterError::kTooLarge);
    report_.removed[report_.removed_count++] = id;
    return elements_.skip();
  }
  if (scope == Scope::kOther || scope < scope_) return elements_.skip();
  // RFC 4660 §5.2: "a server MUST check that there are no filters addressed to the same resource or domain".
  if (scope == scope_) return refuse(FilterError::kUnsupported);
  scope_ = scope;
  const std::string_view enables = attribute("enabled", room);
  report_.concerns_this = true;
  report_.id = id;
  report_.is_enabled = enables != "false" && enables != "0";
  report_.has_content = false;
  selectors_ = Writer(selector_bytes_.data(), selector_bytes_.size());
  selector_count_ = comparison_count_ = 0;
  read_content();
}

// RFC 4660 §5.4: "If a <what> or <trigger> element is empty, the notifier proceeds as if the element did not exist."
void FilterCompiler::read_content() {
  size_t whats = 0;
  while (elements_.next_child()) {
    if (is("trigger")) {
      report_.has_content = true;
      while (elements_.next_child()) {
        if (!skip_extension()) return refuse(FilterError::kUnsupported);
      }
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
  if (!is_namespace) return put_path(text, excludes);
  put_selector(kFilterIsNamespace | (excludes ? kFilterExcludes : 0), 1);
  selectors_.put('\1');
  put_test(namespace_of(keep(text)), {});
  selectors_.put('\0');
}

void FilterCompiler::put_path(std::string_view text, bool excludes) {
  FilterPath path;
  const FilterError error = parse_filter_path(text, path);
  if (error != FilterError::kOk) return refuse(error);
  comparison_count_ += path.comparisons.size();
  if (comparison_count_ > kFilterComparisonsMax) return refuse(FilterError::kTooLarge);
  put_selector(excludes ? kFilterExcludes : 0, path.steps.size());
  size_t comparison = 0;
  for (const FilterStep& step : path.steps.items()) {
    selectors_.put(step.descends ? '\1' : '\0');
    put_name(step.name);
    selectors_.put(static_cast<char>(step.comparisons));
    for (size_t i = 0; i < step.comparisons; ++i) put_comparison(path.comparisons[comparison++]);
  }
}

void FilterCompiler::put_selector(uint8_t kind, size_t steps) {
  if (selector_count_ == kFilterSelectorsMax) return refuse(FilterError::kTooLarge);
  ++selector_count_;
  selectors_.put(static_cast<char>(kind)).put(static_cast<char>(steps));
}

void FilterCompiler::put_comparison(const FilterComparison& comparison) {
  selectors_.put(comparison.is_alternative ? '\1' : '\0').put(static_cast<char>(comparison.levels));
  for (size_t i = 0; i < comparison.levels; ++i) put_name(comparison.path[i]);
  selectors_.put(comparison.is_of_attribute ? '\1' : '\0');
  if (comparison.is_of_attribute) put_test(space_of_attribute(comparison.attribute), comparison.attribute.local);
  selectors_.put(static_cast<char>(comparison.op));
  selectors_.put(static_cast<char>(comparison.value.size())).put(comparison.value);
}

void FilterCompiler::put_name(const FilterName& name) {
  uint8_t space = kFilterAnyNamespace;
  if (!name.prefix.empty()) {
    space = namespace_of_prefix(name.prefix);
  } else if (!name.local.empty()) {
    space = namespace_of(kPidfNamespaces[pidf_space::kPidf].name);
  }
  put_test(space, name.local);
}

void FilterCompiler::put_test(uint8_t space, std::string_view local) {
  if (local.size() > UINT8_MAX) return refuse(FilterError::kTooLarge);
  selectors_.put(static_cast<char>(space)).put(static_cast<char>(local.size())).put(local);
}

std::string_view FilterCompiler::attribute(std::string_view name, std::span<char> room) {
  for (const XmlAttribute& attribute : elements_.attributes()) {
    if (attribute.name.prefix.empty() && attribute.name.local == name) return elements_.read_value(attribute, room);
  }
  return {};
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
