#include "tools/storm/report.h"

#include <fmt/format.h>

namespace vedette::storm {
namespace {

using nlohmann::ordered_json;

double microseconds(int64_t nanoseconds) { return static_cast<double>(nanoseconds) / 1000; }
double per_second(uint64_t count, double seconds) {
  return seconds > 0 ? static_cast<double>(count) / seconds : 0;
}
double rounded(double value) { return static_cast<double>(static_cast<int64_t>(value * 1000 + 0.5)) / 1000; }

void put_latencies(ordered_json& out, const std::string& prefix, const Histogram& histogram) {
  if (histogram.count() == 0) return;
  out[prefix + "_p50_us"] = rounded(microseconds(histogram.at_share(0.5)));
  out[prefix + "_p99_us"] = rounded(microseconds(histogram.at_share(0.99)));
  out[prefix + "_p999_us"] = rounded(microseconds(histogram.at_share(0.999)));
  out[prefix + "_max_us"] = rounded(microseconds(histogram.max()));
}

void put_phase(ordered_json& out, const PhaseReport& phase) {
  const std::string prefix = phase.name + "_";
  const Counts& counts = phase.counts;
  out[prefix + "seconds"] = rounded(phase.seconds);
  out[prefix + "server_cpu_s"] = rounded(phase.server.cpu);
  if (phase.server.busy > 0) out[prefix + "server_busy_s"] = rounded(phase.server.busy);
  out[prefix + "generator_cpu_s"] = rounded(phase.own.cpu);
  out[prefix + "generator_busy_s"] = rounded(phase.own.busy);
  for (size_t i = 0; i < counts.asks.size(); ++i) {
    const AskCounts& ask = counts.asks[i];
    if (ask.sent == 0) continue;
    const std::string of = prefix + std::string(to_string(static_cast<Ask>(i))) + "_";
    out[of + "sent"] = ask.sent;
    out[of + "resent"] = ask.resent;
    out[of + "accepted"] = ask.accepted;
    out[of + "challenged"] = ask.challenged;
    out[of + "refused"] = ask.refused;
    out[of + "lost"] = ask.lost;
    out[of + "late"] = ask.late;
    out[of + "waiting"] = ask.waiting();
    out[of + "per_s"] = rounded(per_second(ask.accepted, phase.seconds));
    put_latencies(out, of + "latency", ask.latency);
  }
  out[prefix + "notifies"] = counts.notifies;
  out[prefix + "notifies_answered"] = counts.notifies_answered;
  out[prefix + "notifies_repeated"] = counts.notifies_repeated;
  out[prefix + "notifies_unanswered"] = counts.notifies_unanswered;
  out[prefix + "notifies_of_polls"] = counts.notifies_of_polls;
  out[prefix + "notifies_per_s"] = rounded(per_second(counts.notifies_answered, phase.seconds));
  if (phase.server.cpu > 0) {
    out[prefix + "notifies_per_cpu_s"] = rounded(per_second(counts.notifies_answered, phase.server.cpu));
  }
  if (counts.notifies > 0) out[prefix + "notify_bytes"] = counts.notify_bytes / counts.notifies;
  out[prefix + "fan_outs"] = counts.fan_outs;
  out[prefix + "fan_outs_overtaken"] = counts.fan_outs_overtaken;
  put_latencies(out, prefix + "publish_to_each_notify", counts.to_each);
  put_latencies(out, prefix + "publish_to_last_notify", counts.to_last);
  put_latencies(out, prefix + "crowd_to_last_notify", counts.crowd_to_last);
}

std::string line_of(const PhaseReport& phase, Ask ask) {
  const AskCounts& of = phase.counts.of(ask);
  return fmt::format("  {:10}{:>10}{:>10}{:>9}{:>9}{:>7}{:>7}{:>8}{:>11.0f}{:>11.1f}{:>11.1f}\n",
                     to_string(ask), of.sent, of.accepted, of.challenged, of.refused, of.lost, of.late,
                     of.resent, per_second(of.accepted, phase.seconds),
                     microseconds(of.latency.at_share(0.5)), microseconds(of.latency.at_share(0.99)));
}

std::string line_of(std::string_view words, const Histogram& histogram) {
  if (histogram.count() == 0) return {};
  return fmt::format("  {}: p50 {:.1f} us, p99 {:.1f} us, max {:.1f} us of {} changes\n", words,
                     microseconds(histogram.at_share(0.5)), microseconds(histogram.at_share(0.99)),
                     microseconds(histogram.max()), histogram.count());
}

uint64_t sum(const RunReport& report, uint64_t Counts::*member) {
  uint64_t total = 0;
  for (const PhaseReport& phase : report.phases) total += phase.counts.*member;
  return total;
}

uint64_t sum(const RunReport& report, uint64_t AskCounts::*member, bool with_hammer) {
  uint64_t total = 0;
  for (const PhaseReport& phase : report.phases) {
    for (size_t i = 0; i < phase.counts.asks.size(); ++i) {
      if (with_hammer || static_cast<Ask>(i) != Ask::kHammer) total += phase.counts.asks[i].*member;
    }
  }
  return total;
}

}  // namespace

ordered_json figures_of(const RunReport& report, const Plan& plan) {
  ordered_json out;
  out["workload"] = plan.workload.name;
  out["server"] = report.server;
  out["users"] = plan.population.users;
  out["presentities"] = plan.population.presentities;
  out["contacts"] = plan.population.contacts;
  out["crowd"] = plan.population.crowd;
  out["speed"] = plan.speed;
  out["digest"] = plan.digest;
  out["subscriptions"] = report.subscriptions;
  out["subscriptions_untold"] = report.untold;
  out["requests_waiting"] = report.waiting;
  out["fan_outs_open"] = report.fan_outs_open;
  out["damaged"] = report.damaged;
  out["not_taken"] = report.not_taken;
  out["generator_bytes"] = report.generator_bytes;
  if (!report.attack.empty()) {
    out["attack"] = report.attack;
    out["attack_sent"] = report.attack_sent;
    out["attack_answered"] = report.attack_answered;
    out["attack_grown_bytes"] = report.attack_grown;
  }
  if (report.reserved_bytes > 0) {
    out["engine_reserved_bytes"] = report.reserved_bytes;
    out["engine_record_bytes"] = report.record_bytes;
    out["rss_bytes"] = report.resident_after;
    out["engine_rss_bytes"] = report.resident_after - report.resident_before;
  }
  for (const PhaseReport& phase : report.phases) put_phase(out, phase);
  for (const auto& [name, value] : report.engine) {
    if (value != 0) out[name] = value;
  }
  return out;
}

std::string table_of(const RunReport& report) {
  std::string out;
  for (const PhaseReport& phase : report.phases) {
    const Counts& counts = phase.counts;
    out += fmt::format("{}: {:.2f} s; server {:.2f} s of CPU, {:.2f} s with work; generator {:.2f} s, {:.2f} s\n",
                       phase.name, phase.seconds, phase.server.cpu, phase.server.busy, phase.own.cpu, phase.own.busy);
    bool first = true;
    for (size_t i = 0; i < counts.asks.size(); ++i) {
      if (counts.asks[i].sent == 0) continue;
      if (first) {
        out += fmt::format("  {:10}{:>10}{:>10}{:>9}{:>9}{:>7}{:>7}{:>8}{:>11}{:>11}{:>11}\n", "", "sent",
                           "accepted", "401", "refused", "lost", "late", "resent", "/s", "p50 us", "p99 us");
      }
      first = false;
      out += line_of(phase, static_cast<Ask>(i));
    }
    if (counts.notifies == 0) continue;
    out += fmt::format("  NOTIFY: {} of {} bytes, {} answered ({:.0f} /s", counts.notifies,
                       counts.notify_bytes / counts.notifies, counts.notifies_answered,
                       per_second(counts.notifies_answered, phase.seconds));
    if (phase.server.cpu > 0) {
      out += fmt::format(", {:.0f} per CPU-second", per_second(counts.notifies_answered, phase.server.cpu));
    }
    out += fmt::format("), {} repeated, {} of polls, {} unanswered\n", counts.notifies_repeated,
                       counts.notifies_of_polls, counts.notifies_unanswered);
    out += line_of("PUBLISH to last NOTIFY", counts.to_last);
    out += line_of("the crowd's PUBLISH to last NOTIFY", counts.crowd_to_last);
  }
  return out;
}

std::vector<std::string> broken_promises(const RunReport& report, const Plan& plan, double late_share_max) {
  std::vector<std::string> broken;
  const auto none = [&](uint64_t count, const char* what) {
    if (count > 0) broken.push_back(fmt::format("{} {}", count, what));
  };
  none(sum(report, &AskCounts::lost, true), "requests got no answer");
  none(report.waiting, "requests wait for an answer at the end");
  none(sum(report, &AskCounts::refused, false), "requests were refused");
  none(sum(report, &Counts::notifies_out_of_order), "NOTIFYs came out of order");
  none(sum(report, &Counts::notifies_skipped), "times a NOTIFY was missing before one that came");
  none(sum(report, &Counts::notifies_stray), "NOTIFYs were of no dialog");
  none(sum(report, &Counts::unreadable), "messages could not be read");
  none(sum(report, &Counts::requests_other), "requests were no NOTIFYs");
  none(report.damaged, "datagrams came damaged");
  none(report.untold, "subscriptions were never told anything");
  none(report.fan_outs_open, "changes were not told to all their watchers");
  if (plan.workload.dead_share == 0 && report.subscriptions != report.wanted_subscriptions) {
    broken.push_back(fmt::format("{} subscriptions live at the end, not {}", report.subscriptions,
                                 report.wanted_subscriptions));
  }
  const uint64_t answered = sum(report, &AskCounts::accepted, true) + sum(report, &AskCounts::refused, true);
  const uint64_t late = sum(report, &AskCounts::late, true);
  if (static_cast<double>(late) > late_share_max * static_cast<double>(answered)) {
    broken.push_back(fmt::format("{} of {} responses came later than 500 ms", late, answered));
  }
  return broken;
}

}  // namespace vedette::storm
