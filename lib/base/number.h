// SPDX-License-Identifier: Apache-2.0
// Decimal numbers in text, exactly rounded: the same double that strtod gives, several times faster
// on the short numbers that prices are.
#ifndef TICKHOUSE_BASE_NUMBER_H
#define TICKHOUSE_BASE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>

// Reads all of `text`: [+-] digits [. digits] [e [+-] digits], at least one digit before the e.
// False for anything else, for more than 1,000 characters, and where the value overflows: hex,
// "nan" and "inf" are not numbers here.
bool number_parse(const char *text, size_t size, double *value);

#endif
