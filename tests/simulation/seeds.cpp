#include "tests/simulation/seeds.hpp"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstring>
#include <stdexcept>

#include "tests/simulation/world.hpp"

namespace troupe::simulation {

namespace {

constexpr std::size_t jobs_max = 64;
constexpr std::size_t failures_kept = 4096;
constexpr std::size_t lines_kept = 60;
constexpr unsigned seed_seconds_max = 30;

/// Lies in memory that all workers share.
struct board {
  std::atomic<std::uint64_t> next;
  std::atomic<std::uint64_t> failed;
  std::atomic<std::uint64_t> done;
  std::atomic<std::uint64_t> running[jobs_max];
  tally counts[jobs_max];
  struct {
    std::uint64_t seed;
    char what[160];
  } failures[failures_kept];

  void fail(std::uint64_t seed, const std::string& what) {
    const auto at = failed.fetch_add(1);
    if (at < failures_kept) {
      failures[at].seed = seed;
      std::strncpy(failures[at].what, what.c_str(), sizeof failures[at].what - 1);
    }
  }
};

struct outcome {
  std::string what;
  std::uint64_t hash = 0;
  tally counts;
};

outcome simulate(std::uint64_t seed, const plan_changes& changes) {
  world w(plan_of(seed, changes), 0, nullptr);
  outcome o;
  try {
    w.run();
  } catch (const violation& v) {
    o.what = v.what;
  }
  o.hash = w.story().hash();
  o.counts = w.story().counts();
  return o;
}

void work(board& shared, std::size_t self, std::uint64_t last, const run_options& options) {
  while (options.failures_max == 0 || shared.failed < options.failures_max) {
    const auto seed = shared.next.fetch_add(1);
    if (seed > last) {
      break;
    }
    shared.running[self] = seed;
    alarm(seed_seconds_max);
    auto o = simulate(seed, options.changes);
    if (options.twice && simulate(seed, options.changes).hash != o.hash) {
      o.what = "the same seed gave another trace";
    }
    shared.counts[self].add(o.counts);
    ++shared.done;
    if (!o.what.empty()) {
      shared.fail(seed, o.what);
    }
  }
}

/// The last line that a worker wrote to its standard error.
std::string last_line(int file) {
  char text[4096];
  const auto size = lseek(file, 0, SEEK_END);
  const auto from = std::max<off_t>(0, size - static_cast<off_t>(sizeof text));
  const auto count = pread(file, text, sizeof text, from);
  std::string all(text, static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  while (!all.empty() && all.back() == '\n') {
    all.pop_back();
  }
  const auto begin = all.rfind('\n');
  all = begin == std::string::npos ? all : all.substr(begin + 1);
  const auto meaning = all.find("raft invariant broken");
  return meaning == std::string::npos ? all : all.substr(meaning);
}

struct worker {
  pid_t process = 0;
  int errors = -1;
};

worker spawn(board& shared, std::size_t self, std::uint64_t last, const run_options& options) {
  worker w;
  w.errors = memfd_create("errors", 0);
  w.process = fork();
  if (w.process == 0) {
    dup2(w.errors, STDERR_FILENO);
    work(shared, self, last, options);
    _exit(0);
  }
  return w;
}

}  // namespace

run_result run_seeds(seed_range range, const run_options& options) {
  const auto began = std::chrono::steady_clock::now();
  void* memory =
      mmap(nullptr, sizeof(board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    throw std::runtime_error("no shared memory");
  }
  auto& shared = *new (memory) board{};
  shared.next = range.first;
  const auto jobs = std::min<std::size_t>(std::max(1U, options.jobs), jobs_max);
  std::vector<worker> workers(jobs);
  for (std::size_t i = 0; i < jobs; ++i) {
    workers[i] = spawn(shared, i, range.last, options);
  }
  for (std::size_t alive = jobs; alive > 0;) {
    int status = 0;
    const auto ended = wait(&status);
    const auto at = std::find_if(workers.begin(), workers.end(),
                                 [ended](const worker& w) { return w.process == ended; });
    if (at == workers.end()) {
      continue;
    }
    const auto self = static_cast<std::size_t>(at - workers.begin());
    const bool is_killed = WIFSIGNALED(status);
    if (is_killed) {
      const bool hangs = WTERMSIG(status) == SIGALRM;
      ++shared.done;
      shared.fail(shared.running[self],
                  hangs ? "the simulation does not end" : last_line(at->errors));
    }
    close(at->errors);
    --alive;
    if (is_killed && (options.failures_max == 0 || shared.failed < options.failures_max)) {
      *at = spawn(shared, self, range.last, options);
      ++alive;
    }
  }
  run_result result;
  result.seeds = shared.done;
  for (std::size_t i = 0; i < jobs; ++i) {
    result.counts.add(shared.counts[i]);
  }
  const auto kept = std::min<std::uint64_t>(shared.failed, failures_kept);
  for (std::size_t i = 0; i < kept; ++i) {
    result.failures.push_back({shared.failures[i].seed, shared.failures[i].what});
  }
  std::sort(result.failures.begin(), result.failures.end(),
            [](const auto& a, const auto& b) { return a.seed < b.seed; });
  munmap(memory, sizeof(board));
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  return result;
}

std::string run_seed(std::uint64_t seed, const plan_changes& changes, std::FILE* out,
                     std::FILE* newest_to) {
  world w(plan_of(seed, changes), newest_to == nullptr ? 0 : lines_kept, out);
  std::string what;
  try {
    w.run();
  } catch (const violation& v) {
    what = v.what;
  }
  if (newest_to != nullptr) {
    w.story().print_newest(newest_to);
    std::fputs(w.describe().c_str(), newest_to);
  }
  if (out != nullptr) {
    std::fprintf(out, "trace %016llx, %llu steps\n",
                 static_cast<unsigned long long>(w.story().hash()),
                 static_cast<unsigned long long>(w.story().steps()));
  }
  return what;
}

}  // namespace troupe::simulation
