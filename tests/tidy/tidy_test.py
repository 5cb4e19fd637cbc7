"""The tidy check finds what it is for."""

import pathlib
import tempfile
import unittest

import functions
import tidy

CODE = r"""// sample: functions of every form
#include <map>
#define OPEN {
namespace a::b {
namespace {
constexpr int table[] = {1, 2, 3};
struct plain {
  int x = 0;
  plain() : x{1}, y(2) {
    run([] { return 1; });
  }
  [[nodiscard]] int get() const noexcept override { return x; }
  friend bool operator==(const plain&, const plain&) = default;
};
enum class color : char { red, green };
template <class T, class U = std::map<int, T>>
auto long_one(T a, const char* text = "{", char c = '{', int n = 1'000'000)
    -> std::vector<int> {
  // a brace in a comment {
  if (a) {
    return {1};
  }
  return {R"({{{)"};
}
}  // namespace
const std::map<int, int> numbers = {{1, 2}};
const setting settings[] = {{"a", [](auto& o) { return store(o); }}};
}  // namespace a::b
int a::b::plain::operator()(int x) {
  return x;
}
TEST_CASE("a brace {") {
}
"""


class Source:
    def __init__(self, text, suffix):
        self.text, self.suffix = text, suffix


class FunctionsTest(unittest.TestCase):
    def test_functions_are_found_with_their_lengths(self):
        found = [(f.name, f.length) for f in functions.of(Source(CODE, ".cpp"))]
        self.assertEqual(found, [("plain", 3), ("get", 1), ("long_one", 9),
                                 ("a::b::plain::operator()", 3), ("TEST_CASE", 2)])


class RulesTest(unittest.TestCase):
    def broken(self, path, text):
        """The rules that a file breaks."""
        root = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
        return {b.rule for b in tidy.check(list(tidy.files(root))) if b.rule != "exception"}

    def test_each_rule_fails_on_what_it_is_for(self):
        cases = [
            ("arrow", "codec/a.cpp", '#include "groups/group.hpp"\n'),
            ("arrow", "raft/a.cpp", '#include "codec/frame.hpp"\n'),
            ("arrow", "raft/a.cpp", '#include "core.hpp"\n'),
            ("public", "examples/a.cpp", '#include "groups/group.hpp"\n'),
            ("purity", "raft/a.cpp", "#include <chrono>\n"),
            ("purity", "raft/a.cpp", "#include <caf/all.hpp>\n"),
            ("line", "http/a.cpp", "//" + "x" * 99 + "\n"),
            ("tab", "http/a.cpp", "\tint x;\n"),
            ("blank", "http/a.cpp", "int x; \n"),
            ("blank", "http/a.cpp", "int x;"),
            ("name", "http/http_util.cpp", "int x;\n"),
            ("name", "raft/manager.cpp", "int x;\n"),
            ("opening", "http/a.hpp", "#pragma once\n"),
            ("file", "http/a.cpp", "int x;\n" * 401),
            ("function", "http/a.cpp", "void f() {\n" + "  g();\n" * 59 + "}\n"),
            ("test-name", "tests/a.cpp", 'TEST_CASE("from [t, 2t)") {}\n'),
            ("test-name", "tests/a.cpp", 'TEST_CASE("all of it]", "[tag]") {}\n'),
            ("test-name", "tests/a.cpp", 'TEST_CASE("one; two") {}\n'),
            ("test-name", "tests/a.cpp", 'TEST_CASE("one, "\n          "two; three") {}\n'),
            ("test-name", "tests/a.cpp", 'TEST_CASE("a \\"quoted\\" name") {}\n'),
            ("test-name", "tests/a.cpp", 'TEST_CASE_METHOD(rig<a, b>,\n"one; two", "[a]") {}\n'),
        ]
        for rule, path, text in cases:
            with self.subTest(rule=rule, path=path, text=text[:40]):
                self.assertEqual(self.broken(path, text), {rule})

    def test_what_is_at_the_limit_passes(self):
        cases = [
            ("apps/a.cpp", '#include "raft/core.hpp"\n#include "apps/a.hpp"\n'),
            ("tests/raft/a.cpp", '#include "sample.hpp"\n#include "http/server.hpp"\n'),
            ("examples/a.cpp", "#include <troupe/groups/group.hpp>\n"),
            ("http/a.cpp", "//" + "é" * 98 + "\n"),
            ("http/a.hpp", "// a: knows nothing.\n#pragma once\n"),
            ("http/a.cpp", "int x;\n" * 400),
            ("http/a.cpp", "void f() {\n" + "  g();\n" * 58 + "}\n"),
            ("http/simple.cpp", "int x;\n"),
            ("tests/a.cpp", 'TEST_CASE("one, "\n          "two", "[a][b]") {\n  f("[;]");\n}\n'),
        ]
        for path, text in cases:
            with self.subTest(path=path, text=text[:40]):
                self.assertEqual(self.broken(path, text), set())


if __name__ == "__main__":
    unittest.main()
