#include "family.h"
int ta_csv_command(int argc, char **argv, struct err *err)
{
    (void)argc;
    (void)argv;
    (void)err;
    return -1;
}
