// The test runner's main; built once for every test executable.
#include <catch2/catch.hpp>
