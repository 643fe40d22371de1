// Applying a filter: one walk over the document. Every start tag is written, and taken back at the end of its element
// when nothing in it was wanted.
#include "parsers/event_filter.h"

#include <array>

#include "parsers/event_filter_format.h"
#include "parsers/xml_chars.h"
#include "parsers/xml_list.h"
#include "parsers/xml_scanner.h"

namespace vedette::parsers {
namespace {

struct Step {
  bool descends;
  uint8_t space;
  std::string_view local;  // Empty: any.

  bool matches(const XmlName& name) const {
    return (space == kFilterAnyNamespace || name.space.known == space) && (local.empty() || name.local == local);
  }
};

struct Selector {
  bool excludes;
  uint8_t count;
  std::array<Step, kFilterStepsMax> steps;
};

struct Filter {
  std::array<XmlKnownNamespace, kFilterNamespacesMax> namespaces;
  size_t namespace_count = 0;
  XmlList<Selector, kFilterSelectorsMax> selectors;
  bool has_includes = false;
};

// Takes the compiled form apart.
class FilterReader {
 public:
  explicit FilterReader(std::string_view bytes) : rest_(bytes) {}

  bool read(Filter& filter) {
    filter.namespace_count = byte();
    if (filter.namespace_count > kFilterNamespacesMax) return false;
    for (size_t i = 0; i < filter.namespace_count; ++i) filter.namespaces[i].name = text();
    const size_t selectors = byte();
    if (selectors > kFilterSelectorsMax) return false;
    for (size_t i = 0; i < selectors && ok_; ++i) {
      Selector& selector = filter.selectors.push({byte() != 0, byte(), {}});
      if (selector.count == 0 || selector.count > kFilterStepsMax) return false;
      for (size_t s = 0; s < selector.count; ++s) selector.steps[s] = {byte() != 0, byte(), text()};
      filter.has_includes = filter.has_includes || !selector.excludes;
    }
    return ok_;
  }

 private:
  uint8_t byte() {
    ok_ = ok_ && !rest_.empty();
    if (!ok_) return 0;
    const auto value = static_cast<uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return value;
  }
  std::string_view text() {
    const size_t length = byte();
    ok_ = ok_ && rest_.size() >= length;
    if (!ok_) return {};
    const std::string_view value = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return value;
  }

  std::string_view rest_;
  bool ok_ = true;
};

// What there is to know of every open element.
struct Open {
  std::array<uint16_t, kFilterSelectorsMax> states;  // Bit n: n steps of the selector led here.
  Writer before;                                     // What was written before its start tag.
  std::string_view local;
  bool is_container;  // The document, a tuple, its status, a person, a device: its children go one by one.
  bool is_needed;     // Its parent may not be without it.
  bool is_wanted;     // With all that is in it.
  bool is_excluded;
  bool has_wanted;    // Something in it is wanted.
};

class FilterWalk {
 public:
  FilterWalk(const Filter& filter, std::string_view document, Writer& out)
      : filter_(filter),
        scanner_(document, std::span(filter.namespaces).first(filter.namespace_count)),
        at_(document.data()),
        out_(out) {}

  bool run();

 private:
  std::string_view taken();
  void start(bool is_leaf);
  void end();
  void follow(Open& element) const;
  void classify(Open& element) const;
  void finish(const Open& element);

  const Filter& filter_;
  XmlScanner scanner_;
  const char* at_;       // Up to here the document was dealt with.
  Writer& out_;
  XmlList<Open, kXmlDepthMax> open_;
};

bool FilterWalk::run() {
  for (;;) {
    switch (scanner_.next()) {
      case XmlToken::kStart: start(false); break;
      case XmlToken::kLeaf: start(true); break;
      case XmlToken::kText: out_.put(taken()); break;
      case XmlToken::kEnd: end(); break;
      case XmlToken::kDone: return !out_.overflowed();
      case XmlToken::kError: return false;
    }
  }
}

// What of the document the last token was.
std::string_view FilterWalk::taken() {
  const char* const begin = at_;
  at_ = scanner_.position();
  return {begin, static_cast<size_t>(at_ - begin)};
}

// Along the selectors into an element.
void FilterWalk::follow(Open& element) const {
  for (size_t s = 0; s < filter_.selectors.size(); ++s) {
    const Selector& selector = filter_.selectors[s];
    const unsigned from = open_.size() == 0 ? 1 : open_[open_.size() - 1].states[s];
    unsigned to = 0;
    for (unsigned done = 0; done < selector.count; ++done) {
      if ((from >> done & 1) == 0) continue;
      if (selector.steps[done].descends) to |= 1U << done;
      if (selector.steps[done].matches(scanner_.name())) to |= 1U << (done + 1);
    }
    element.states[s] = static_cast<uint16_t>(to);
    if ((to >> selector.count & 1) == 0) continue;
    (selector.excludes ? element.is_excluded : element.is_wanted) = true;
  }
}

// By its name and by what it stands in. RFC 3863 §4.4, RFC 4479 §5: a tuple has its status, a device its deviceID.
void FilterWalk::classify(Open& element) const {
  const size_t depth = open_.size();
  if (depth == 0) {
    element.is_container = element.is_needed = true;
    return;
  }
  const std::string_view around = open_[depth - 1].local;
  if (depth == 1) {
    element.is_container = element.local == "tuple" || element.local == "person" || element.local == "device";
  } else if (depth == 2) {
    element.is_container = element.is_needed = around == "tuple" && element.local == "status";
    element.is_needed = element.is_needed || (around == "device" && element.local == "deviceID");
  }
}

void FilterWalk::start(bool is_leaf) {
  Open element = {.states = {},
                  .before = out_,
                  .local = scanner_.name().local,
                  .is_container = false,
                  .is_needed = false,
                  .is_wanted = open_.size() == 0 ? !filter_.has_includes : open_.back().is_wanted,
                  .is_excluded = open_.size() > 0 && open_.back().is_excluded,
                  .has_wanted = false};
  follow(element);
  classify(element);
  out_.put(taken());
  if (is_leaf) {
    finish(element);
  } else {
    open_.push(element);
  }
}

void FilterWalk::end() {
  out_.put(taken());
  const Open element = open_.back();
  open_.shrink(open_.size() - 1);
  finish(element);
}

// The element is written. It goes again if nobody wants it; what is in a part of a container decides on the whole part.
void FilterWalk::finish(const Open& element) {
  const bool is_root = open_.size() == 0;
  const bool is_wanted = (element.is_wanted && !element.is_excluded) || (element.is_container && element.has_wanted);
  if (is_root) return;
  Open& around = open_.back();
  if (!around.is_container) {
    around.is_wanted = around.is_wanted || element.is_wanted;
    around.is_excluded = around.is_excluded || element.is_excluded;
    return;
  }
  if (is_wanted) around.has_wanted = true;
  if (!is_wanted && !element.is_needed) out_ = element.before;
}

}  // namespace

bool apply_event_filter(std::string_view bytes, std::string_view document, Writer& out) {
  Filter filter;
  return FilterReader(bytes).read(filter) && FilterWalk(filter, document, out).run();
}

}  // namespace vedette::parsers
