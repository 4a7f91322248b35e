# tickhouse_unit_test(NAME source… LIBRARIES lib…): a cmocka program that ctest runs.
function(tickhouse_unit_test name)
  cmake_parse_arguments(TEST "" "" "LIBRARIES" ${ARGN})
  add_executable(${name} ${TEST_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PRIVATE ${TEST_LIBRARIES} cmocka)
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES LABELS unit TIMEOUT 120)
endfunction()

# tickhouse_script_test(NAME LABEL "label;…" COMMAND words…): a script; exit code 77 means skipped.
function(tickhouse_script_test name)
  cmake_parse_arguments(PARSE_ARGV 1 TEST "" "LABEL;TIMEOUT" "COMMAND") # keeps "a;b" one argument
  if(NOT TEST_TIMEOUT)
    set(TEST_TIMEOUT 300)
  endif()
  add_test(NAME ${name} COMMAND ${TEST_COMMAND} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES LABELS "${TEST_LABEL}" TIMEOUT ${TEST_TIMEOUT} SKIP_RETURN_CODE 77
    ENVIRONMENT "TICKHOUSE_BUILD=${CMAKE_BINARY_DIR};TICKHOUSE_BIN=${CMAKE_BINARY_DIR}/bin")
endfunction()

# tickhouse_fuzzer(NAME source… LIBRARIES lib…): LLVMFuzzerTestOneInput, as a libFuzzer target under the fuzz preset, and everywhere
# as a plain program that replays tests/fuzz/corpus/NAME in the ordinary test run.
function(tickhouse_fuzzer name)
  cmake_parse_arguments(FUZZ "" "" "LIBRARIES" ${ARGN})
  set(corpus ${CMAKE_SOURCE_DIR}/tests/fuzz/corpus/${name})
  add_executable(${name}_replay ${CMAKE_SOURCE_DIR}/tests/fuzz/replay.c ${FUZZ_UNPARSED_ARGUMENTS})
  target_link_libraries(${name}_replay PRIVATE ${FUZZ_LIBRARIES})
  add_test(NAME ${name}_replay COMMAND ${name}_replay ${corpus})
  set_tests_properties(${name}_replay PROPERTIES LABELS fuzz TIMEOUT 120)
  if(TICKHOUSE_FUZZ)
    add_executable(${name} ${FUZZ_UNPARSED_ARGUMENTS})
    target_link_libraries(${name} PRIVATE ${FUZZ_LIBRARIES})
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  endif()
endfunction()

# tickhouse_hub_test(NAME script…): a script that reads from the hub which the fixture shares (tests/lib.sh: hub_use).
function(tickhouse_hub_test name)
  tickhouse_script_test(${name} LABEL hub COMMAND ${ARGN})
  set_tests_properties(${name} PROPERTIES FIXTURES_REQUIRED hub)
endfunction()
