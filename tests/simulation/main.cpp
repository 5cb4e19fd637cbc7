// troupe_simulate: runs seeds and says what happened in them. ./test simulate builds and starts it.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include "tests/simulation/shortening.hpp"
#ifdef TROUPE_PLANTED
#include "tests/mutation/planted.hpp"
#endif

namespace {

using namespace troupe::simulation;

struct arguments {
  seed_range seeds{1, 2000};
  run_options run;
  bool prints_trace = false;
  bool shortens = false;
  bool is_quiet = false;
  std::string defect;
};

[[noreturn]] void usage(const char* why) {
  std::fprintf(stderr,
               "%s\n"
               "troupe_simulate [--seeds A..B] [--steps N] [--jobs N] [--failures N] [--twice]\n"
               "                [--faults-off NAME,NAME] [--trace] [--shorten] [--quiet]\n",
               why);
  std::exit(2);
}

std::uint64_t number_of(std::string_view text) {
  char* end = nullptr;
  const std::string copy(text);
  const auto value = std::strtoull(copy.c_str(), &end, 10);
  if (copy.empty() || *end != '\0') {
    usage(("not a number: " + copy).c_str());
  }
  return value;
}

std::uint32_t faults_of(std::string_view names) {
  std::uint32_t bits = 0;
  while (!names.empty()) {
    const auto name = names.substr(0, names.find(','));
    names.remove_prefix(std::min(names.size(), name.size() + 1));
    std::size_t at = 0;
    while (at < fault_count && fault_names[at] != name) {
      ++at;
    }
    if (at == fault_count) {
      usage(("no such fault: " + std::string(name)).c_str());
    }
    bits |= 1U << at;
  }
  return bits;
}

seed_range range_of(std::string_view text) {
  const auto dots = text.find("..");
  if (dots == std::string_view::npos) {
    return {number_of(text), number_of(text)};
  }
  return {number_of(text.substr(0, dots)), number_of(text.substr(dots + 2))};
}

arguments parse(int argc, char** argv) {
  arguments a;
  a.run.jobs = static_cast<std::uint32_t>(std::max(1L, sysconf(_SC_NPROCESSORS_ONLN)));
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    const auto value = [&]() -> std::string_view {
      return ++i < argc ? argv[i] : (usage("a value is missing"), "");
    };
    if (name == "--seeds") {
      a.seeds = range_of(value());
    } else if (name == "--steps") {
      a.run.changes.steps_max = number_of(value());
    } else if (name == "--jobs") {
      a.run.jobs = static_cast<std::uint32_t>(number_of(value()));
    } else if (name == "--failures") {
      a.run.failures_max = static_cast<std::uint32_t>(number_of(value()));
    } else if (name == "--faults-off") {
      a.run.changes.faults_off = faults_of(value());
    } else if (name == "--defect") {
      a.defect = value();
    } else if (name == "--twice") {
      a.run.twice = true;
    } else if (name == "--trace") {
      a.prints_trace = true;
    } else if (name == "--shorten") {
      a.shortens = true;
    } else if (name == "--quiet") {
      a.is_quiet = true;
    } else {
      usage(("unknown: " + std::string(name)).c_str());
    }
  }
  return a;
}

std::string command_for(const arguments& a, std::uint64_t seed, const plan_changes& changes) {
  std::string command = "./test simulate --seeds " + std::to_string(seed) + ".." +
                        std::to_string(seed) + " --steps " + std::to_string(changes.steps_max);
  std::string off;
  for (std::size_t f = 0; f < fault_count; ++f) {
    const bool is_off = (changes.faults_off & (1U << f)) != 0;
    off += is_off ? (off.empty() ? "" : ",") + std::string(fault_names[f]) : "";
  }
  command += off.empty() ? "" : " --faults-off " + off;
  return command + (a.defect.empty() ? "" : " --defect " + a.defect);
}

void print_counts(const tally& counts) {
  const auto print = [](const char* title, const auto& values, const auto& name) {
    std::printf("%s:", title);
    std::size_t column = 80;
    for (std::size_t i = 0; i < values.size(); ++i) {
      const auto text = std::string(name(i)) + ' ' + std::to_string(values[i]);
      column += text.size() + 2;
      std::printf("%s%s", column > 76 ? "\n  " : ", ", text.c_str());
      column = column > 76 ? text.size() : column;
    }
    std::printf("\n");
  };
  print("faults", counts.faults, [](std::size_t i) { return fault_names[i]; });
  print("events", counts.happened,
        [](std::size_t i) { return name_of(static_cast<happening>(i)); });
}

void explain(const arguments& a, const failed_seed& failed) {
  std::printf("seed %llu: %s\n  %s --trace\n", static_cast<unsigned long long>(failed.seed),
              failed.what.c_str(), command_for(a, failed.seed, a.run.changes).c_str());
  if (!a.shortens) {
    return;
  }
  const auto changes = shortened(failed.seed, a.run.changes);
  std::printf("shortened:\n  %s --trace\nits last events:\n",
              command_for(a, failed.seed, changes).c_str());
  std::fflush(stdout);
  run_seed(failed.seed, changes, nullptr, stdout);
}

int run(const arguments& a) {
  if (a.prints_trace) {
    const auto what = run_seed(a.seeds.first, a.run.changes, stdout);
    std::printf("%s\n", what.empty() ? "nothing is broken" : what.c_str());
    return what.empty() ? 0 : 1;
  }
  const auto result = run_seeds(a.seeds, a.run);
  const std::size_t explained_max = a.is_quiet ? 0 : 10;
  for (std::size_t i = 0; i < std::min(result.failures.size(), explained_max); ++i) {
    explain(a, result.failures[i]);
  }
  if (!a.is_quiet) {
    print_counts(result.counts);
  }
  std::printf("%llu seeds, %llu steps, %.0f steps a second on %u cores, %.1f s, %zu failed",
              static_cast<unsigned long long>(result.seeds),
              static_cast<unsigned long long>(result.counts.steps),
              static_cast<double>(result.counts.steps) / result.seconds, a.run.jobs, result.seconds,
              result.failures.size());
  if (!result.failures.empty()) {
    std::printf(", first %llu: %s", static_cast<unsigned long long>(result.failures[0].seed),
                result.failures[0].what.c_str());
  }
  std::printf("\n");
  return result.failures.empty() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const auto a = parse(argc, argv);
#ifdef TROUPE_PLANTED
  planted::choose(a.defect);
#else
  if (!a.defect.empty()) {
    usage("this build has no planted defects");
  }
#endif
  return run(a);
}
