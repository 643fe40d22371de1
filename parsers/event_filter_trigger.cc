#include "parsers/event_filter_trigger.h"

#include <array>

#include "parsers/chars.h"
#include "parsers/event_filter_reader.h"
#include "parsers/xml_chars.h"
#include "parsers/xml_list.h"
#include "parsers/xml_scanner.h"
#include "parsers/xml_values.h"

namespace vedette::parsers {
namespace {

// FNV-1a, of 64 bits. Who makes two elements alike is whose presence it is.
uint64_t hash_of(uint64_t hash, std::string_view text) {
  for (const char c : text) hash = (hash ^ static_cast<uint8_t>(c)) * 1'099'511'628'211U;
  return (hash ^ 0xFF) * 1'099'511'628'211U;
}

struct Match {
  uint8_t change;
  uint64_t key;             // Which element it is.
  std::string_view value;   // What stands in it, as it stands there.
};
using Matches = XmlList<Match, kTriggerMatchesMax>;

class MatchWalk {
 public:
  MatchWalk(const CompiledFilter& filter, std::string_view document, Matches& matches)
      : filter_(filter), scanner_(document, filter.known()), begin_(document.data()), matches_(matches) {}

  // False when it cannot be read, or has too many.
  bool run();

 private:
  struct Open {
    std::array<uint16_t, kFilterSelectorsMax> states;   // Bit n: n steps of a change's path led here.
    uint64_t key;
    uint64_t child;           // The name of the last child, hashed,
    uint32_t child_number;    // and how many of that name were there just before it.
    size_t matches_begin, matches_end;
    const char* value;        // Where its content begins.
  };
  bool start();
  void end(std::string_view value);
  uint64_t key_of_element();
  uint16_t follow(const CompiledSelector& path, unsigned from) const;

  const CompiledFilter& filter_;
  XmlScanner scanner_;
  const char* begin_;
  Matches& matches_;
  XmlList<Open, kXmlDepthMax> open_;
};

bool MatchWalk::run() {
  for (const char* at = begin_;; at = scanner_.position()) {
    switch (scanner_.next()) {
      case XmlToken::kStart:
        if (!start()) return false;
        break;
      case XmlToken::kLeaf:
        if (!start()) return false;
        end(scanner_.text());
        break;
      case XmlToken::kText: break;
      case XmlToken::kEnd: end({open_.back().value, static_cast<size_t>(at - open_.back().value)}); break;
      case XmlToken::kDone: return true;
      case XmlToken::kError: return false;
    }
  }
}

bool MatchWalk::start() {
  if (open_.is_full()) return false;
  const uint64_t key = key_of_element();
  Open& element = open_.push_unset();
  element.key = key;
  element.child = element.child_number = 0;
  element.matches_begin = matches_.size();
  element.value = scanner_.position();
  const size_t depth = open_.size();
  for (size_t i = 0; i < filter_.changes.size(); ++i) {
    const CompiledSelector& path = filter_.changes[i].path;
    element.states[i] = follow(path, depth == 1 ? 1 : open_[depth - 2].states[i]);
    if ((element.states[i] >> path.count & 1) == 0) continue;
    if (matches_.is_full()) return false;
    matches_.push({static_cast<uint8_t>(i), key, {}});
  }
  element.matches_end = matches_.size();
  return true;
}

uint16_t MatchWalk::follow(const CompiledSelector& path, unsigned from) const {
  unsigned to = 0;
  for (unsigned done = 0; done < path.count; ++done) {
    if ((from >> done & 1) == 0) continue;
    if (path.steps[done].descends) to |= 1U << done;
    if (path.steps[done].test.matches(scanner_.name())) to |= 1U << (done + 1);
  }
  return static_cast<uint16_t>(to);
}

void MatchWalk::end(std::string_view value) {
  const Open& element = open_.back();
  for (size_t i = element.matches_begin; i < element.matches_end; ++i) matches_[i].value = trim_xml_white(value);
  open_.shrink(open_.size() - 1);
}

// By where it stands, its name, and its id or, if it has none, which one of that name it is.
uint64_t MatchWalk::key_of_element() {
  const XmlName& name = scanner_.name();
  const uint64_t around = open_.size() == 0 ? 0 : open_.back().key;
  const uint64_t key = hash_of(hash_of(around, scanner_.name_of(name.space)), name.local);
  for (const XmlAttribute& attribute : scanner_.attributes()) {
    if (attribute.name.prefix.empty() && equals(attribute.name.local, "id")) return hash_of(key, attribute.raw);
  }
  if (open_.size() == 0) return key;
  Open& parent = open_.back();
  parent.child_number = parent.child == key ? parent.child_number + 1 : 0;
  parent.child = key;
  return key + parent.child_number;
}

// RFC 4661 §3.6.1: "Comparison of a change is done according to the element or attribute's lexical rules." Words are
// compared without case: the RFC's own example waits for a <basic> to change from "CLOSED" to "OPEN" (§6.2).
bool is_said(std::string_view value, std::string_view said) {
  XmlValueReader reader(XmlAttribute{.name = {}, .raw = value});
  std::string_view piece;
  while (reader.next(piece)) {
    for (const char c : piece) {
      if (said.empty() || to_lower(said.front()) != to_lower(c)) return false;
      said.remove_prefix(1);
    }
  }
  return said.empty();
}

bool has_changed(const CompiledChange& change, const Match& before, const Match& now) {
  if (before.value == now.value) return false;
  if (!change.by) {
    return (!change.from || is_said(before.value, *change.from)) &&
           (!change.to || is_said(now.value, *change.to));
  }
  // §3.6.1.3: "The 'by' attribute applies only to numerical values"; §3.6.1.4: so do others beside it.
  int64_t old_value = 0, new_value = 0, by = 0, wanted = 0;
  if (!parse_decimal(before.value, old_value) || !parse_decimal(now.value, new_value)) return false;
  if (!parse_decimal(*change.by, by)) return false;
  if (change.from && !(parse_decimal(*change.from, wanted) && wanted == old_value)) return false;
  if (change.to && !(parse_decimal(*change.to, wanted) && wanted == new_value)) return false;
  return (old_value < new_value ? new_value - old_value : old_value - new_value) >= by;
}

class Comparison {
 public:
  Comparison(const CompiledFilter& filter, const Matches& before, const Matches& now)
      : filter_(filter), before_(before), now_(now) {}

  // §3.6: any of the triggers, all changes of one.
  bool fires() const {
    for (uint8_t trigger = 0; trigger < filter_.trigger_count; ++trigger) {
      bool has_come = true;
      for (uint8_t i = 0; i < filter_.changes.size(); ++i) {
        if (filter_.changes[i].trigger == trigger) has_come = has_come && this->has_come(i);
      }
      if (has_come) return true;
    }
    return false;
  }

 private:
  bool has_come(uint8_t change) const {
    switch (filter_.changes[change].kind) {
      case FilterChangeKind::kAdded: return find_missing(now_, before_, change, 0) != nullptr;
      case FilterChangeKind::kRemoved: return find_missing(before_, now_, change, 0) != nullptr;
      default: break;
    }
    size_t came = 0;
    for (size_t i = 0; i < now_.size(); ++i) {
      if (now_[i].change != change) continue;
      const Match* before = find(before_, now_[i]);
      if (before == nullptr) before = find_missing(before_, now_, change, came++);
      if (before != nullptr && has_changed(filter_.changes[change], *before, now_[i])) return true;
    }
    return false;
  }
  static const Match* find(const Matches& matches, const Match& wanted) {
    for (const Match& match : matches.items()) {
      if (match.change == wanted.change && match.key == wanted.key) return &match;
    }
    return nullptr;
  }
  // Of those in `matches` that are not in `others`, the one of this number.
  static const Match* find_missing(const Matches& matches, const Matches& others, uint8_t change, size_t number) {
    for (const Match& match : matches.items()) {
      if (match.change == change && find(others, match) == nullptr && number-- == 0) return &match;
    }
    return nullptr;
  }

  const CompiledFilter& filter_;
  const Matches& before_;
  const Matches& now_;
};

}  // namespace

bool has_triggers(std::string_view filter) { return !filter.empty() && filter.front() != '\0'; }

bool event_filter_fires(std::string_view filter, std::string_view before, std::string_view now) {
  CompiledFilter compiled;
  Matches matches_before, matches_now;
  if (!read_compiled_filter(filter, compiled) || !MatchWalk(compiled, before, matches_before).run() ||
      !MatchWalk(compiled, now, matches_now).run()) {
    return true;
  }
  return Comparison(compiled, matches_before, matches_now).fires();
}

}  // namespace vedette::parsers
