cmake_minimum_required (VERSION 3.18)
project (@name@ LANGUAGES C)
if (NOT CMAKE_BUILD_TYPE)
  set (CMAKE_BUILD_TYPE RelWithDebInfo)
endif ()

find_package (fanout REQUIRED)
include (CTest)

fanout_add_plugin (@name@ SINK @name@.c)

add_test (NAME run COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/test.sh $<TARGET_FILE:fanout::fanoutd>
                           ${CMAKE_CURRENT_BINARY_DIR}/plugins)
