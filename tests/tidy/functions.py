"""Where functions begin and end: by the parser for Python, by braces for C++."""

import ast
import collections
import re

Function = collections.namedtuple("Function", "name line length")

# What a brace may hide in: comments, raw strings, strings, characters (but not 1'000).
HIDDEN = re.compile(
    r"//[^\n]*|/\*.*?\*/"
    r'|R"([^()\s\\]{0,16})\(.*?\)\1"'
    r'|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9A-Za-z_])'(?:\\.|[^'\\\n])+'",
    re.S)
PREPROCESSOR = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.M)
SCOPE = re.compile(r"^(?:inline |export )*(?:namespace|extern\s*\"?)\b|"
                   r"^(?:template\s*<.*>\s*)?(?:typedef )?(?:class|struct|union|enum)\b", re.S)
# A name with an argument list of its own, or a macro such as TEST_CASE.
NAMED = re.compile(r"((?:[A-Za-z_]\w*::)*(?:operator\s*[^\s(]+|operator\(\)|~?[A-Za-z_]\w*))\s*\(")
# A constructor's member list whose next member is in braces: `a() : x{1}`.
MEMBER = re.compile(r"\)\s*(?:noexcept\s*)?:(?!:).*[A-Za-z0-9_>]\s*$", re.S)
INITIALIZER = re.compile(r"(?<![=!<>])=\s*$|=\s*(?!default|delete)[\w:<>,\s]*$")


def of(file):
    """The functions of a file; those inside of others belong to them."""
    if file.suffix == ".py":
        return list(_python(file.text))
    if file.suffix in (".hpp", ".cpp"):
        return list(_cpp(file.text))
    return []


def _python(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield Function(node.name, node.lineno, node.end_lineno - node.lineno + 1)


def _blank(found):
    """As many lines as before, and nothing in them."""
    return re.sub(r"[^\n]", " ", found.group())


def _cpp(text):
    code = PREPROCESSOR.sub(_blank, HIDDEN.sub(_blank, text))
    kinds = []  # of the open braces: "scope", "function", "member" or "other"
    since = 0  # where the text before the next brace begins
    begin, name = 0, ""
    for found in re.finditer(r"[{};]", code):
        at, sign, kind = found.start(), found.group(), "other"
        if sign == "{":
            kind = _kind(code[since:at], kinds)
            if kind == "function":
                begin, name = _start(code, since), _name(code[since:at])
            kinds.append(kind)
        elif sign == "}" and kinds:
            kind = kinds.pop()
            if kind == "function":
                line = code.count("\n", 0, begin) + 1
                yield Function(name, line, code.count("\n", begin, at) + 1)
        if kind != "member":
            since = at + 1


def _kind(before, kinds):
    before = before.strip()
    if any(kind != "scope" for kind in kinds):
        return "other"
    if SCOPE.match(re.sub(r"^(?:public|private|protected)\s*:\s*", "", before)):
        return "scope"
    if MEMBER.search(before):
        return "member"
    is_function = NAMED.search(before) and not INITIALIZER.search(before)
    return "function" if is_function else "other"


def _start(code, since):
    """The first thing that is not blank."""
    return since + len(code[since:]) - len(code[since:].lstrip())


def _name(before):
    found = NAMED.search(before)
    return found[1] if found else "?"
