// Applying a filter: one walk over the document, behind another one if it has conditions. Every start tag is written,
// and taken back at the end of its element when nothing in it was wanted.
#include "parsers/event_filter.h"

#include <array>

#include "parsers/event_filter_conditions.h"
#include "parsers/event_filter_reader.h"
#include "parsers/xml_list.h"
#include "parsers/xml_scanner.h"

namespace vedette::parsers {
namespace {

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
  FilterWalk(const CompiledFilter& filter, const FilterConditions& conditions, std::string_view document, Writer& out)
      : filter_(filter), conditions_(conditions), scanner_(document, filter.known()), at_(document.data()), out_(out) {}

  bool run();

 private:
  std::string_view taken();
  void start(bool is_leaf);
  void end();
  bool matches(const CompiledStep& step) const;
  void follow(Open& element) const;
  void select(Open& element, const CompiledSelector& selector) const;
  void classify(Open& element) const;
  void finish(const Open& element);

  const CompiledFilter& filter_;
  const FilterConditions& conditions_;
  XmlScanner scanner_;
  const char* at_;       // Up to here the document was dealt with.
  Writer& out_;
  XmlList<Open, kXmlDepthMax> open_;
  size_t elements_ = 0;  // That have begun.
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

bool FilterWalk::matches(const CompiledStep& step) const {
  return step.test.matches(scanner_.name()) &&
         (step.condition == kFilterNoCondition || conditions_.hold(step.condition, elements_));
}

// Along the selectors into an element.
void FilterWalk::follow(Open& element) const {
  for (size_t s = 0; s < filter_.selectors.size(); ++s) {
    const CompiledSelector& selector = filter_.selectors[s];
    const unsigned from = open_.size() == 0 ? 1 : open_[open_.size() - 1].states[s];
    unsigned to = 0;
    for (unsigned done = 0; done < selector.count; ++done) {
      if ((from >> done & 1) == 0) continue;
      if (selector.steps[done].descends) to |= 1U << done;
      if (matches(selector.steps[done])) to |= 1U << (done + 1);
    }
    element.states[s] = static_cast<uint16_t>(to);
    if ((to >> selector.count & 1) != 0) select(element, selector);
  }
}

// RFC 4661 §3.5.3, of a namespace: "The resulting XML document is comprised of the elements defined within
// the namespace". So it wants a container without all that is in it. §3.5.2: to exclude the document would
// leave none, and is "reversed".
void FilterWalk::select(Open& element, const CompiledSelector& selector) const {
  if (!selector.excludes) {
    (selector.is_namespace && element.is_container ? element.has_wanted : element.is_wanted) = true;
  } else if (!selector.is_namespace || open_.size() > 0) {
    element.is_excluded = true;
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
  classify(element);
  follow(element);
  ++elements_;
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
  CompiledFilter filter;
  if (!read_compiled_filter(bytes, filter)) return false;
  FilterConditions conditions(filter);
  if (filter.conditions.size() > 0 && !conditions.read(document)) return false;
  return FilterWalk(filter, conditions, document, out).run();
}

std::string_view event_filter_id(std::string_view bytes) {
  CompiledFilter filter;
  return read_compiled_filter(bytes, filter) ? filter.id : std::string_view();
}

}  // namespace vedette::parsers
