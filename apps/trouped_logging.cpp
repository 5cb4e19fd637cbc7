#include "apps/trouped_logging.hpp"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>

namespace troupe::apps {
namespace {

/// The message as a JSON string: quotes, control characters and broken UTF-8 do no harm.
class json_message : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& m, const std::tm&,
              spdlog::memory_buf_t& out) override {
    const nlohmann::json text(std::string(m.payload.data(), m.payload.size()));
    const auto quoted = text.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    out.append(quoted.data(), quoted.data() + quoted.size());
  }
  [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<json_message>();
  }
};

spdlog::level::level_enum level_of(log_level l) {
  switch (l) {
    case log_level::trace:
      return spdlog::level::trace;
    case log_level::debug:
      return spdlog::level::debug;
    case log_level::info:
      return spdlog::level::info;
    case log_level::warn:
      return spdlog::level::warn;
    case log_level::error:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

}  // namespace

std::string start_logging(const trouped_options& options) {
  std::shared_ptr<spdlog::logger> logger;
  try {
    logger = options.log_file.empty() ? spdlog::stderr_logger_mt("trouped")
                                      : spdlog::basic_logger_mt("trouped", options.log_file);
  } catch (const spdlog::spdlog_ex& e) {
    return options.log_file + ": " + e.what() + "; give a file that can be written";
  }
  auto formatter = std::make_unique<spdlog::pattern_formatter>();
  if (options.log_format == log_format::json) {
    formatter->add_flag<json_message>('*').set_pattern(
        R"({"time":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%l","node":)" + to_string(options.node_id) +
        R"(,"message":%*})");
  } else {
    formatter->set_pattern("%Y-%m-%d %H:%M:%S.%e [%l] %v");
  }
  logger->set_formatter(std::move(formatter));
  logger->set_level(level_of(options.log_level));
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
  return {};
}

}  // namespace troupe::apps
