// What must be true of partial presence for any two composed documents. For unit tests and for the fuzzer.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/presence/pidf_diff.h"
#include "tests/support/xml_patch.h"

namespace vedette::support {

// As <pidf-full>; empty when there is none.
inline std::string pidf_full_of(std::string_view document) {
  std::vector<char> room(document.size() + engine::kPidfFullGrowth);
  parsers::Writer writer(room.data(), room.size());
  uint32_t version_offset = 0;
  return engine::write_pidf_full(document, writer, version_offset) ? std::string(writer.text()) : std::string{};
}

// Empty when the full one is the answer.
inline std::string pidf_diff_of(std::string_view before, std::string_view after) {
  std::vector<char> room((before.size() + after.size()) * 4 + 4096);
  parsers::Writer writer(room.data(), room.size());
  uint32_t version_offset = 0;
  const bool is_shorter = engine::write_pidf_diff(before, after, writer, version_offset);
  return is_shorter ? std::string(writer.text()) : std::string{};
}

// The first law that going from one document to the other breaks, or nothing.
inline std::string broken_pidf_diff_law(std::string_view before, std::string_view after) {
  const std::string old_full = pidf_full_of(before);
  const std::string new_full = pidf_full_of(after);
  if (old_full.empty() || new_full.empty()) return "no full document of a composed one";
  const std::string diff = pidf_diff_of(before, after);
  if (diff.empty()) return {};
  if (diff.size() >= new_full.size()) return "longer than the full document: " + diff;
  const std::string told = "\nbefore " + std::string(before) + "\nafter  " + std::string(after) + "\npatch  " + diff;
  // A watcher keeps the document as it got it, or as the <presence> that it means.
  for (const auto& [old_document, new_document] : {std::pair(std::string_view(old_full), std::string_view(new_full)),
                                                   std::pair(before, after)}) {
    const PatchedXml patched = apply_xml_patch(old_document, diff);
    if (!patched.fault.empty()) return patched.fault + told;
    const std::string wanted = canonical_xml(new_document);
    if (patched.document != wanted) return "gives " + patched.document + "\nnot   " + wanted + told;
  }
  return {};
}

}  // namespace vedette::support
