# Run as a script: cmake -DOUT=file.cpp -DFOLDER=web -P EmbedFiles.cmake
# Writes the files of a folder into one source file that defines troupe::http::console_files().
set(types_html "text/html;charset=UTF-8")
set(types_css "text/css;charset=UTF-8")
set(types_js "text/javascript;charset=UTF-8")
set(types_svg "image/svg+xml")

file(GLOB files RELATIVE "${FOLDER}" "${FOLDER}/*.html" "${FOLDER}/*.css" "${FOLDER}/*.js"
     "${FOLDER}/*.svg")
list(SORT files)
set(arrays "")
set(entries "")
set(number 0)
foreach(name ${files})
  file(READ "${FOLDER}/${name}" hex HEX)
  string(REGEX REPLACE "(..)" "0x\\1," bytes "${hex}")
  get_filename_component(kind "${name}" LAST_EXT)
  string(SUBSTRING "${kind}" 1 -1 kind)
  string(MD5 tag "${hex}")
  string(APPEND arrays "constexpr unsigned char file_${number}[] = {${bytes}};\n")
  string(APPEND entries "    {\"${name}\", \"${types_${kind}}\", \"\\\"${tag}\\\"\", text(file_${number})},\n")
  math(EXPR number "${number} + 1")
endforeach()
file(WRITE "${OUT}" "// Made from web/.
#include \"http/console_files.hpp\"

namespace troupe::http {

namespace {

${arrays}
template <std::size_t size>
std::string_view text(const unsigned char (&bytes)[size]) {
  return {reinterpret_cast<const char*>(bytes), size};
}

}  // namespace

const std::vector<console_file>& console_files() {
  static const std::vector<console_file> all = {
${entries}  };
  return all;
}

}  // namespace troupe::http
")
