#include "tests/support/flow_rules.h"

#include <algorithm>
#include <set>

namespace vedette::support {
namespace {

const std::set<std::string> kHandlings = {"block", "confirm", "polite-block", "allow"};

std::string element(const std::string& name, const std::string& content) {
  return content.empty() ? "" : "<" + name + ">" + content + "</" + name + ">";
}

// bob@example.com | *@example.com | * | but-bob@example.com | but-*@example.com
class IdentityWriter {
 public:
  void add(std::string word) {
    const bool is_exception = word.starts_with("but-");
    if (is_exception) word = word.substr(4);
    const std::string id = "id=\"sip:" + word + "\"", domain = "domain=\"" + word.substr(word.find('@') + 1) + "\"";
    if (is_exception) {
      many_ += "<cr:except " + (word[0] == '*' ? domain : id) + "/>";
    } else if (word[0] == '*') {
      close();
      many_ = word == "*" ? "<cr:many>" : "<cr:many " + domain + ">";
    } else {
      close();
      text_ += "<cr:one " + id + "/>";
    }
  }
  std::string text() {
    close();
    return element("cr:identity", text_);
  }

 private:
  void close() {
    if (!many_.empty()) text_ += many_ + "</cr:many>";
    many_.clear();
  }
  std::string text_, many_;
};

std::string grant(const std::string& word) {
  const auto all = [](const std::string& what) { return element("provide-" + what, "<all-" + what + "/>"); };
  if (word == "everything") return all("services") + all("persons") + all("devices") + "<provide-all-attributes/>";
  if (word == "services" || word == "persons" || word == "devices") return all(word);
  if (word == "all-attributes") return "<provide-all-attributes/>";
  const size_t is = word.find('=');
  return element("provide-" + word.substr(0, is), is == std::string::npos ? "true" : word.substr(is + 1));
}

// HANDLING [WHO ...] [sphere=WORD] [from=TIME until=TIME] [: GRANT ...]
std::string rule_of(const FlowDetail& detail, size_t number) {
  const std::vector<std::string> words = words_of(detail.text);
  if (!kHandlings.contains(words[0])) throw FlowFault{detail.line, "a rule begins with what it does: " + words[0]};
  IdentityWriter identity;
  std::string others, period, grants;
  size_t i = 1;
  for (; i < words.size() && words[i] != ":"; ++i) {
    const std::string& word = words[i];
    const std::string value = word.substr(word.find('=') + 1);
    if (word.starts_with("sphere=")) {
      others += "<cr:sphere value=\"" + value + "\"/>";
    } else if (word.starts_with("from=") || word.starts_with("until=")) {
      period += element("cr:" + word.substr(0, word.find('=')), value);
    } else if (word.find('@') != std::string::npos || word == "*") {
      identity.add(word);
    } else {
      throw FlowFault{detail.line, "no condition of a rule: " + word};
    }
  }
  for (++i; i < words.size(); ++i) grants += grant(words[i]);
  const std::string conditions = identity.text() + others + element("cr:validity", period);
  return "<cr:rule id=\"r" + std::to_string(number) + "\">" + element("cr:conditions", conditions) +
         element("cr:actions", element("sub-handling", words[0])) + element("cr:transformations", grants) +
         "</cr:rule>\n";
}

std::string document_around(const std::string& rules) {
  return "<cr:ruleset xmlns=\"urn:ietf:params:xml:ns:pres-rules\" "
         "xmlns:cr=\"urn:ietf:params:xml:ns:common-policy\">\n" +
         rules + "</cr:ruleset>\n";
}

}  // namespace

std::string rules_document(const std::vector<std::string>& rules) {
  std::string all;
  for (size_t i = 0; i < rules.size(); ++i) all += rule_of({0, rules[i]}, i + 1);
  return document_around(all);
}

std::string rules_document_of(const FlowStep& step) {
  if (step.details.empty()) return "";
  std::string document;
  size_t number = 0;
  for (const FlowDetail& detail : step.details) {
    const bool is_xml = detail.text.starts_with('|');
    if (is_xml != step.details[0].text.starts_with('|')) throw FlowFault{detail.line, "XML, or rules; not both"};
    document += is_xml ? detail.text.substr(std::min<size_t>(2, detail.text.size())) + "\n" : rule_of(detail, ++number);
  }
  return number == 0 ? document : document_around(document);
}

}  // namespace vedette::support
