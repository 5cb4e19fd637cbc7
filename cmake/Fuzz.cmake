# Only what reads bytes from outside, and the search for bytes that it does not bear: neither actors
# nor storage are looked for. clang only.
find_package(PkgConfig REQUIRED)
find_package(msgpack REQUIRED NAMES msgpackc-cxx msgpack-cxx msgpack)
find_package(CLI11 2.1 REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)
if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  message(FATAL_ERROR "TROUPE_FUZZ needs clang: libFuzzer comes with it")
endif()
# Coverage in everything; the harnesses alone get libFuzzer's main.
add_compile_options(-fsanitize=fuzzer-no-link)
add_compile_definitions(_GLIBCXX_ASSERTIONS)
add_subdirectory(raft)
add_subdirectory(codec)
add_subdirectory(tests/fuzz)
