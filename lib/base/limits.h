// SPDX-License-Identifier: Apache-2.0
// Every ceiling on a length that comes from outside, in one place. A larger claim is an error,
// never an allocation.
#ifndef TICKHOUSE_BASE_LIMITS_H
#define TICKHOUSE_BASE_LIMITS_H

#define LIMIT_ERROR_TEXT 1024 // bytes of one error sentence
#define LIMIT_ARENA_BYTES                                                                          \
    (16ULL << 30) // address space reserved for one block and what is computed from it
#define LIMIT_ARENA_KEEP_BYTES (8ULL << 20)  // memory an idle worker keeps between blocks
#define LIMIT_BLOCK_ROWS (1ULL << 27)        // rows of one Native block
#define LIMIT_BLOCK_COLUMNS 4096             // columns of one Native block
#define LIMIT_COLUMN_ELEMENTS (1ULL << 30)   // array elements of one column
#define LIMIT_STRING_BYTES (256ULL << 20)    // one String value
#define LIMIT_TYPE_TEXT_BYTES (256ULL << 10) // a type's name, for example a large Enum16
#define LIMIT_TYPE_DEPTH 32                  // nesting of a type
#define LIMIT_TYPE_CHILDREN 4096             // elements of one Tuple
#define LIMIT_LINE_BYTES 4096                // one line of prices, and what is kept of a bad one
#define LIMIT_FILE_BYTES (4ULL << 30)        // one input file, also once unpacked

#endif
