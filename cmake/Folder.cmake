# troupe_folder(NAME [DEPENDS targets...] [PRECOMPILE headers...])
# One static library for one folder of the design, from every .cpp in it.
function(troupe_folder name)
  cmake_parse_arguments(arg "" "" "DEPENDS;PRIVATE_DEPENDS;PRECOMPILE" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.cpp")
  if(sources)
    set(scope PUBLIC)
    add_library(troupe_${name} STATIC ${sources})
    target_compile_options(troupe_${name} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
                           -Wno-sign-conversion)
    if(arg_PRECOMPILE)
      target_precompile_headers(troupe_${name} PRIVATE ${arg_PRECOMPILE})
    endif()
    target_link_libraries(troupe_${name} PRIVATE ${arg_PRIVATE_DEPENDS})
  else()
    set(scope INTERFACE)
    add_library(troupe_${name} INTERFACE)
  endif()
  target_include_directories(troupe_${name} ${scope}
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>
    $<INSTALL_INTERFACE:include/troupe>
    $<INSTALL_INTERFACE:include>)
  target_link_libraries(troupe_${name} ${scope} ${arg_DEPENDS})
  target_compile_features(troupe_${name} ${scope} cxx_std_20)
  set_target_properties(troupe_${name} PROPERTIES EXPORT_NAME ${name})
  add_library(troupe::${name} ALIAS troupe_${name})
endfunction()
