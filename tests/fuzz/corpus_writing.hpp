// Writes the corpora of the fuzzing harnesses, from values.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace troupe::fuzz {

/// The files of one harness.
class seeds {
 public:
  explicit seeds(const std::filesystem::path& directory) : directory_(directory) {
    std::filesystem::create_directories(directory);
  }
  void add(const std::string& name, std::string_view bytes) const {
    std::ofstream(directory_ / name, std::ios::binary) << bytes;
  }
  template <class Form>
  void add(const std::string& name, Form form, std::string_view bytes) const {
    add(name, std::string(1, static_cast<char>(form)).append(bytes));
  }

 private:
  std::filesystem::path directory_;
};

/// What the processors read: commands, queries, replies and records, a folder for each harness.
void write_processor_corpora(const std::filesystem::path& corpus);

}  // namespace troupe::fuzz
