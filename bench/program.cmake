# How the programs of the benchmark are built.
include_guard (GLOBAL)

add_library (bench-flags INTERFACE)
target_compile_definitions (bench-flags INTERFACE _GNU_SOURCE)
target_compile_options (bench-flags INTERFACE
  -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes)

function (bench_program name)
  add_executable (${name} ${ARGN})
  set_target_properties (${name} PROPERTIES
    C_STANDARD 11 RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bench)
  target_link_libraries (${name} PRIVATE bench-flags)
endfunction ()
