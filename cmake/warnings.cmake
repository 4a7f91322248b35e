# Warnings are errors; floating point follows IEEE to the letter, so that a result does not depend on what the optimiser merged.
add_compile_options(-Wall -Wextra -Wshadow -Wconversion -Werror -fno-math-errno -fno-trapping-math
                    -ffp-contract=off -fstack-protector-strong)
add_compile_definitions(_GNU_SOURCE)
string(REPLACE "-DNDEBUG" "" CMAKE_C_FLAGS_RELWITHDEBINFO "${CMAKE_C_FLAGS_RELWITHDEBINFO}")
# clang says so where a sanitizer or a missing instruction set keeps a loop from being vectorized; gcc keeps silent.
add_compile_options($<$<C_COMPILER_ID:Clang>:-Wno-pass-failed>)
