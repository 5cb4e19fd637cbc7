# find_package(troupe) and pkg-config for those who build on the library; the programs when they are
# built.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# What a program links is what its folder may include: HTTP is the server's own.
set(troupe_libraries raft codec persistence actors groups processors)
set(troupe_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/troupe)
foreach(folder IN LISTS troupe_libraries)
  install(TARGETS troupe_${folder} EXPORT troupeTargets)
  install(DIRECTORY ${folder}/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/troupe/${folder}
          FILES_MATCHING PATTERN "*.hpp")
endforeach()
install(EXPORT troupeTargets NAMESPACE troupe:: DESTINATION ${troupe_package_dir})
configure_package_config_file(cmake/troupeConfig.cmake.in
  ${PROJECT_BINARY_DIR}/troupeConfig.cmake
  INSTALL_DESTINATION ${troupe_package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/troupeConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/troupeConfig.cmake
  ${PROJECT_BINARY_DIR}/troupeConfigVersion.cmake
  cmake/FindCAF.cmake
  DESTINATION ${troupe_package_dir})

# Relative to where the file lies, so that `cmake --install --prefix` and a moved tree work.
file(RELATIVE_PATH troupe_prefix_from_pc
  /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
configure_file(cmake/troupe.pc.in ${PROJECT_BINARY_DIR}/troupe.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/troupe.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

foreach(program trouped troupectl)
  if(TARGET ${program})
    install(TARGETS ${program})
  endif()
endforeach()
