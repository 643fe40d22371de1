// A presentity whose devices publish, with the documents that are composed of it: for tests of what is done with
// documents.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "engine/presence/composition.h"
#include "parsers/pidf.h"

namespace vedette::support {

class ComposedPresentity {
 public:
  explicit ComposedPresentity(std::string aor = "alice@example.com") : aor_(std::move(aor)) {}

  // The newest publication, in the place of the one of this number. False when the body is refused.
  bool publish(uint32_t number, std::string_view body) {
    Publication made;
    made.number = number;
    made.bytes.resize(body.size() * 8 + 4096);
    parsers::PidfDocument document;
    if (parsers::normalise_pidf(body, made.bytes, document) != parsers::ParseError::kOk) return false;
    made.bytes.resize(document.length);
    made.fragments.assign(document.fragments.begin(), document.fragments.begin() + document.count);
    made.parts.assign(document.parts.begin(), document.parts.begin() + document.parts_count);
    remove(number);
    publications_.insert(publications_.begin(), std::move(made));
    return true;
  }
  // The same, of the children of <presence>.
  bool publish_elements(uint32_t number, std::string_view elements) {
    std::string body(parsers::kPresenceOpen);
    body.append("sip:x@y").append(parsers::kPresenceOpenEnd).append(elements).append(parsers::kPresenceClose);
    return publish(number, body);
  }
  void remove(uint32_t number) {
    std::erase_if(publications_, [number](const Publication& p) { return p.number == number; });
  }

  std::string compose() const {
    std::vector<engine::PublishedFragments> published;
    for (const Publication& p : publications_) {
      published.push_back({p.bytes, p.fragments, p.parts, p.number, p.number, {}});
    }
    engine::CompositionInput input;
    input.aor = aor_;
    input.publications = published;
    std::string document(engine::composed_bytes_max(aor_, published), '\0');
    parsers::Writer writer(document.data(), document.size());
    return engine::compose(input, writer) ? std::string(writer.text()) : std::string{};
  }

 private:
  struct Publication {
    uint32_t number = 0;
    std::string bytes;
    std::vector<parsers::Fragment> fragments;
    std::vector<parsers::FragmentPart> parts;
  };

  std::string aor_;
  std::vector<Publication> publications_;
};

}  // namespace vedette::support
