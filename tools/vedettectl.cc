// vedettectl: what an operator asks a running vedette, and whether this machine is ready for one. In words,
// or as JSON for scripts. Exit status: 0 well, 1 not, 2 wrongly called.
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <string>

#include "tools/ctl/admin_client.h"
#include "tools/ctl/preflight.h"
#include "tools/ctl/tables.h"

namespace vedette::tools {
namespace {

using Json = nlohmann::ordered_json;

struct Options {
  std::string socket = "/run/vedette/admin.sock";
  std::string aor;
  std::string reason;
  std::string action;
  std::string document;
  std::string lifetime;
  std::string file;
  std::string config;
  bool json = false;
  bool all = false;
};

void print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

void print_json(const Json& json) { print(json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"); }

int ask(const Options& options, const char* command,
        const std::function<std::string(const Json&)>& in_words) {
  Json request = {{"command", command}};
  if (!options.aor.empty()) request["aor"] = options.aor;
  if (!options.reason.empty()) request["reason"] = options.reason;
  if (!options.action.empty()) request["action"] = options.action;
  if (!options.document.empty()) request["document"] = options.document;
  if (!options.lifetime.empty()) request["for"] = options.lifetime;
  const Json result = ask_engine(options.socket, request);
  if (options.json) {
    print_json(result);
  } else {
    print(in_words(result));
  }
  return 0;
}

int preflight(const Options& options) {
  const Preflight report = examine_machine(options.config);
  if (options.json) {
    print_json(json_of(report));
  } else {
    print(in_words(report));
  }
  return report.is_ready() ? 0 : 1;
}

// The whole file, or with "-" standard input.
std::string read_document(const std::string& file) {
  constexpr size_t kBytesMax = 262'144;
  std::ifstream opened;
  if (file != "-") opened.open(file, std::ios::binary);
  std::istream& in = file == "-" ? std::cin : opened;
  if (!in) throw AdminError(file + ": cannot be read. " + std::strerror(errno) + ".");
  // One more than there may be, so that it is seen: a device has no end.
  std::string text(kBytesMax + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad()) throw AdminError(file + ": cannot be read; give a file.");
  text.resize(static_cast<size_t>(in.gcount()));
  if (text.empty()) throw AdminError(file + ": is empty. To remove what there is, give \"remove\" and the AOR.");
  if (text.size() > kBytesMax) {
    throw AdminError(fmt::format("{}: has more than {} bytes, and a document may not.", file, kBytesMax));
  }
  return text;
}

// A command with actions upon something that is loaded for an AOR from a file.
struct LoadedThing {
  const char* command;
  const char* help;
  struct Action {
    const char* name;
    const char* help;
  };
  Action load, show, remove;
  const char* file_help;
  std::string (*in_words)(const Json& result);
};

constexpr LoadedThing kRules = {
    .command = "rules",
    .help = "Who may watch AOR, and see what: rules of RFC 4745 and RFC 5025",
    .load = {"load", "Take FILE for AOR's rules, in the place of those that there were"},
    .show = {"show", "Which rules AOR has, since when, and what they make of its watchers"},
    .remove = {"remove", "AOR's domain decides again (watch_policy)"},
    .file_help = "application/auth-policy+xml; - is standard input",
    .in_words = rules_in_words};

constexpr LoadedThing kPresence = {
    .command = "presence",
    .help = "What watchers of AOR see beside what its devices say, and without them: hard state of RFC 3903",
    .load = {"set", "Take FILE for AOR's hard state, in the place of what there was"},
    .show = {"show", "What AOR's hard state is made of, and for how long"},
    .remove = {"remove", "AOR's devices speak alone again"},
    .file_help = "application/pidf+xml; - is standard input",
    .in_words = presence_in_words};

CLI::App* add_loaded_command(CLI::App& app, const LoadedThing& thing, Options& options, std::function<int()>& run) {
  CLI::App* group = app.add_subcommand(thing.command, thing.help);
  group->require_subcommand(1);
  group->fallthrough();
  CLI::App* load = nullptr;
  for (const LoadedThing::Action& action : {thing.load, thing.show, thing.remove}) {
    CLI::App* command = group->add_subcommand(action.name, action.help);
    command->add_option("AOR", options.aor, "As in alice@example.com")->required();
    const bool is_load = action.name == thing.load.name;
    if (is_load) {
      command->add_option("FILE", options.file, thing.file_help)->required();
      load = command;
    }
    command->add_flag("--json", options.json, "As JSON, for scripts");
    command->fallthrough();
    command->callback([&, action, is_load] {
      options.action = action.name;
      run = [&, is_load] {
        if (is_load) options.document = read_document(options.file);
        return ask(options, thing.command, thing.in_words);
      };
    });
  }
  return load;
}

// Each subcommand with its help; sets `run` to what is to be done.
void add_commands(CLI::App& app, Options& options, std::function<int()>& run) {
  const auto add = [&](const char* name, const char* help, std::function<int()> action) {
    CLI::App* command = app.add_subcommand(name, help);
    command->add_flag("--json", options.json, "As JSON, for scripts");
    command->callback([&run, action = std::move(action)] { run = action; });
    command->fallthrough();
    return command;
  };
  add("status", "Version, load and ports in a few lines",
      [&] { return ask(options, "status", status_in_words); });
  add("counters", "What has happened since start, summed over all shards", [&] {
    return ask(options, "counters",
               [&](const Json& result) { return counters_in_words(result, options.all); });
  })->add_flag("-a,--all", options.all, "Also what has never happened");
  add("shards", "Each shard's records and frames", [&] { return ask(options, "shards", shards_in_words); });
  add("floods", "Networks that strangers send the most from, and which of them are limited",
      [&] { return ask(options, "floods", floods_in_words); });
  add("watchers", "Who watches AOR, or all subscriptions", [&] {
    return ask(options, "watchers", watchers_in_words);
  })->add_option("AOR", options.aor, "As in alice@example.com");
  add("subscriptions", "Each subscription to AOR: its view, version, pace, and what it waits for",
      [&] { return ask(options, "watchers", subscriptions_in_words); })
      ->add_option("AOR", options.aor, "As in alice@example.com")
      ->required();
  add("presentity", "Publications and bindings of AOR",
      [&] { return ask(options, "presentity", presentity_in_words); })
      ->add_option("AOR", options.aor, "As in alice@example.com")
      ->required();
  CLI::App* end = add("end", "End all subscriptions to AOR: each watcher is told the reason (RFC 6665 section 4.1.3)",
                      [&] { return ask(options, "end", ended_in_words); });
  end->add_option("AOR", options.aor, "As in alice@example.com")->required();
  end->add_option("--reason", options.reason,
                  "deactivated: come back at once; probation, giveup: come back later; rejected, noresource, "
                  "invariant: do not come back; timeout")
      ->required();
  add_loaded_command(app, kRules, options, run);
  add_loaded_command(app, kPresence, options, run)
      ->add_option("--for", options.lifetime, "How long it holds. Without it: until it is removed")
      ->type_name("SECONDS");
  add("users", "Read the configuration's users again, without a restart; with an error in the file nothing changes",
      [&] { return ask(options, "users", users_in_words); })
      ->add_option("ACTION", options.action, "reload")
      ->required();
  add("preflight", "Whether this machine is ready for vedette, and what is missing. Needs no running engine",
      [&] { return preflight(options); })
      ->add_option("--config", options.config, "Examine for this configuration")
      ->type_name("FILE");
}

}  // namespace
}  // namespace vedette::tools

int main(int argc, char** argv) {
  using namespace vedette::tools;
  CLI::App app("Asks a running vedette, over its admin socket, or examines this machine for one (preflight).",
               "vedettectl");
  app.footer("Each command has --json, and --help of its own. Exit status: 0 well, 1 not, 2 wrongly called.");
  Options options;
  std::function<int()> run;
  app.add_option("-s,--socket", options.socket, "The engine's [admin] socket")
      ->type_name("PATH")
      ->capture_default_str();
  app.require_subcommand(
      0, 1);  // So that an unknown one is named in the complaint; none is ours to complain of.
  add_commands(app, options, run);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (!run) {
    std::fprintf(stderr,
                 "vedettectl: give a command: status, counters, shards, watchers, presentity, end, rules, "
                 "presence, users or preflight\n");
    return 2;
  }
  try {
    return run();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "vedettectl: %s\n", error.what());
    return 1;
  }
}
