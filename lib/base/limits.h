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
#define LIMIT_LEXICON_BYTES (4ULL << 20)     // a file of words with scores
#define LIMIT_FILE_BYTES (4ULL << 30)        // one input file, also once unpacked
#define LIMIT_UNZIP_BYTES (1ULL << 30)       // what the one member of an archive unpacks to
#define LIMIT_UNZIP_RATIO 200                // times as many bytes as packed: news give 3 to 10,
#define LIMIT_UNZIP_FREE_BYTES (1ULL << 20)  // and up to here nobody minds
#define LIMIT_NEWS_ROW_BYTES (16ULL << 20)   // one row of GDELT; a long page gives 0.3 MB
#define LIMIT_NEWS_ROWS (1ULL << 22)         // rows of one file of GDELT; they have 1,000 to 5,000
#define LIMIT_LIST_LINE_BYTES 1024           // a line of GDELT's list of files
#define LIMIT_LIST_BYTES (1ULL << 30)        // such a list; ten years of them are 0.13 GB
#define LIMIT_ALIAS_BYTES (48ULL << 20)      // one alias file, and what is made of all of them
#define LIMIT_MODEL_BYTES (512ULL << 20)     // a model file
#define LIMIT_IMPORT_BYTES (1ULL << 30)      // a model file of another program
#define LIMIT_IMPORT_MEMORY (2ULL << 30)     // what is made of it
#define LIMIT_IMPORT_WORK (1ULL << 26)       // numbers that are computed to understand one
#define LIMIT_MODEL_HEADER_BYTES (16ULL << 20) // what it says before its weights
#define LIMIT_CAPTURE_RELATIONS 16384          // tables of one replication stream
#define LIMIT_CAPTURE_COLUMNS 1664 // columns of a row: PostgreSQL's MaxTupleAttributeNumber
#define LIMIT_CAPTURE_MESSAGE_BYTES (1ULL << 30)  // a message with its key: two rows of wide values
#define LIMIT_CAPTURE_STREAM_BYTES (256ULL << 20) // transactions that are sent before they commit

#endif
