#include "engine/presence/element_pairs.h"

#include <algorithm>
#include <array>

#include "parsers/written_element.h"

namespace vedette::engine {
namespace {

using Indices = std::array<uint16_t, kPairedElementsMax>;

// About what it costs to have an element removed at one place and added at another, besides its text.
constexpr uint32_t kMoveBytes = 64;

// Of a tuple, person or device, by the schemas the only attribute of that name. Quotes within values are escaped.
std::string_view id_of(std::string_view element) {
  constexpr std::string_view kId = " id=\"";
  if (!element.starts_with("<tuple ") && !element.starts_with("<dm:")) return {};
  const std::string_view tag = parsers::written_start_tag(element);
  const size_t at = tag.find(kId);
  if (at == std::string_view::npos) return {};
  const std::string_view value = tag.substr(at + kId.size());
  const std::string_view id = value.substr(0, value.find('"'));
  return id.find_first_of("'&<") == std::string_view::npos ? id : std::string_view{};
}

// What tells an element from others.
std::string_view key_of(const PairedElement& element) { return element.id.empty() ? element.text : element.id; }

// FNV-1a. Who makes keys collide makes their comparison slower, by no more than their length.
uint32_t hash_of(std::string_view text) {
  uint32_t hash = 2'166'136'261U;
  for (const char c : text) hash = (hash ^ static_cast<uint8_t>(c)) * 16'777'619U;
  return hash;
}

// <0, 0 or >0.
int compare(const PairedElement& a, const PairedElement& b) {
  if (a.hash != b.hash) return a.hash < b.hash ? -1 : 1;
  return key_of(a).compare(key_of(b));
}

void sort_by_key(const PairedElements& elements, Indices& order) {
  for (size_t i = 0; i < elements.size(); ++i) order[i] = static_cast<uint16_t>(i);
  std::sort(order.begin(), order.begin() + static_cast<ptrdiff_t>(elements.size()), [&](uint16_t a, uint16_t b) {
    const int order_of_keys = compare(elements[a], elements[b]);
    return order_of_keys != 0 ? order_of_keys < 0 : a < b;
  });
}

// Of notes that are alike, the first of one list is the first of the other.
void find_twins(PairedElements& before, PairedElements& after) {
  Indices old_order;
  Indices new_order;
  sort_by_key(before, old_order);
  sort_by_key(after, new_order);
  for (size_t o = 0, n = 0; o < before.size() && n < after.size();) {
    const int order_of_keys = compare(before[old_order[o]], after[new_order[n]]);
    if (order_of_keys == 0) {
      before[old_order[o]].twin = new_order[n];
      after[new_order[n]].twin = old_order[o];
    }
    if (order_of_keys <= 0) ++o;
    if (order_of_keys >= 0) ++n;
  }
}

// The heaviest chains of elements that may stay, by the place in `before` where they end: a Fenwick tree of maxima.
class Chains {
 public:
  struct Chain {
    uint32_t weight = 0;
    uint16_t last = PairedElement::kNoTwin;  // Index in `after`.
  };

  explicit Chains(size_t places) : places_(places) {}

  // Of those that end before `place`.
  Chain heaviest_before(size_t place) const {
    Chain best;
    for (size_t i = place; i > 0; i &= i - 1) {
      if (tree_[i].weight > best.weight) best = tree_[i];
    }
    return best;
  }
  void put(size_t place, Chain chain) {
    for (size_t i = place + 1; i <= places_; i += i & (~i + 1)) {
      if (chain.weight > tree_[i].weight) tree_[i] = chain;
    }
  }

 private:
  size_t places_;
  std::array<Chain, kPairedElementsMax + 1> tree_;
};

void choose_who_stays(PairedElements& before, PairedElements& after) {
  Chains chains(before.size());
  Indices previous;
  for (size_t i = 0; i < after.size(); ++i) {
    const uint16_t twin = after[i].twin;
    if (twin == PairedElement::kNoTwin) continue;
    // One that changed is sent anyway, all or in part.
    const size_t saved = after[i].text == before[twin].text ? after[i].text.size() : 0;
    const Chains::Chain chain = chains.heaviest_before(twin);
    previous[i] = chain.last;
    chains.put(twin, {chain.weight + kMoveBytes + static_cast<uint32_t>(saved), static_cast<uint16_t>(i)});
  }
  uint16_t last = chains.heaviest_before(before.size()).last;
  while (last != PairedElement::kNoTwin) {
    after[last].stays = before[after[last].twin].stays = true;
    last = previous[last];
  }
}

}  // namespace

bool read_elements(std::string_view text, bool with_ids, PairedElements& out) {
  out.shrink(0);
  std::string_view element;
  while (parsers::take_written_element(text, element)) {
    if (out.is_full()) return false;
    PairedElement& read = out.push_unset();
    read.text = element;
    read.id = with_ids ? id_of(element) : std::string_view{};
    read.hash = hash_of(key_of(read));
    read.twin = PairedElement::kNoTwin;
    read.stays = false;
  }
  return text.empty();
}

void pair_elements(PairedElements& before, PairedElements& after) {
  find_twins(before, after);
  choose_who_stays(before, after);
}

}  // namespace vedette::engine
