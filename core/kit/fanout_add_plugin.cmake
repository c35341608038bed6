# fanout_add_plugin (NAME [SOURCE|SINK] files...)
#
# Builds a plugin: an operator, or with SOURCE or SINK one of those. It lands in
# ${CMAKE_CURRENT_BINARY_DIR}/plugins, to be used with fanoutd --plugin-path, and is installed to
# where fanoutd finds it.
function (fanout_add_plugin name)
  cmake_parse_arguments (PARSE_ARGV 1 plugin "SOURCE;SINK" "" "")
  set (kind aggregate)
  if (plugin_SOURCE)
    set (kind source)
  elseif (plugin_SINK)
    set (kind sink)
  endif ()
  add_library (${name} MODULE ${plugin_UNPARSED_ARGUMENTS})
  target_link_libraries (${name} PRIVATE fanout::fanout)
  # Results are to be the same on every machine, and a large frame of a function that runs on a fiber
  # must not jump over the guard behind its stack.
  target_compile_options (${name} PRIVATE -ffp-contract=off -fstack-clash-protection)
  set_target_properties (${name} PROPERTIES
    PREFIX "" SUFFIX .so C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden
    LIBRARY_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/plugins/${kind})
  install (TARGETS ${name} LIBRARY DESTINATION ${FANOUT_PLUGIN_DIR}/${kind})
endfunction ()
