// allocation_meter: how many bytes of the heap a piece of code held at most. Counts every operator
// new of this test executable; see allocation_meter.cpp.
#pragma once

#include <cstddef>

namespace troupe::samples {

class allocation_meter {
 public:
  allocation_meter();
  /// The most bytes held at once since the meter was made, beyond those held then.
  [[nodiscard]] std::size_t peak_bytes() const;

 private:
  std::size_t before_;
};

}  // namespace troupe::samples
