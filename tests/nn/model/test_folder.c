// SPDX-License-Identifier: Apache-2.0
// The models folder: versions, aliases, references.
#include "model/folder.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/tickhouse-folder.XXXXXX";

static int resolve(const char *text, struct model_location *location, struct err *err)
{
    struct model_reference reference;
    *err = (struct err){0};
    TRY(reference_parse(text, strlen(text), &reference, err));
    return folder_resolve(folder, &reference, location, err);
}

static void test_versions_and_aliases(void **state)
{
    struct model_location location;
    struct err err = {0};
    uint32_t version;
    (void)state;
    assert_int_equal(resolve("nvda", &location, &err), EX_NOINPUT);
    for (uint32_t i = 1; i <= 3; i++) {
        assert_int_equal(folder_add(folder, "nvda", "x", 1, &version, &err), 0);
        assert_int_equal(version, i);
    }
    assert_int_equal(resolve("nvda", &location, &err), 0);
    assert_int_equal(location.version, 3); // the newest, while nothing is in production
    assert_int_equal(folder_set_alias(folder, "nvda", "production", 2, 1, &err), 0);
    assert_int_equal(folder_set_alias(folder, "nvda", "canary", 3, 0.1, &err), 0);
    assert_int_equal(resolve("nvda", &location, &err), 0);
    assert_int_equal(location.version, 2);
    assert_int_equal(resolve("nvda@canary", &location, &err), 0);
    assert_int_equal(location.version, 3);
    assert_true(location.share == 0.1);
    assert_int_equal(resolve("nvda@1", &location, &err), 0);
    assert_int_equal(location.version, 1);
    assert_int_equal(resolve("nvda@4", &location, &err), EX_NOINPUT);
    assert_non_null(strstr(err.text, "nvda@4"));
    assert_int_equal(resolve("nvda@test", &location, &err), EX_NOINPUT);
    err = (struct err){0};
    assert_int_equal(folder_set_alias(folder, "nvda", "production", 9, 1, &err), EX_NOINPUT);
    err = (struct err){0};
    assert_int_equal(folder_remove_alias(folder, "nvda", "canary", &err), 0);
    assert_int_equal(resolve("nvda@canary", &location, &err), EX_NOINPUT);
}

static void test_listing(void **state)
{
    struct arena arena;
    struct folder_entry *entries;
    struct err err = {0};
    size_t count;
    uint32_t version;
    (void)state;
    assert_int_equal(arena_open(&arena, 1 << 24, &err), 0);
    assert_int_equal(folder_add(folder, "aapl", "x", 1, &version, &err), 0);
    assert_int_equal(folder_set_alias(folder, "nvda", "best", 2, 1, &err), 0);
    assert_int_equal(folder_list(folder, &arena, &entries, &count, &err), 0);
    assert_int_equal(count, 4);
    assert_string_equal(entries[0].name, "aapl");
    assert_string_equal(entries[1].name, "nvda");
    assert_int_equal(entries[2].version, 2);
    assert_true(strcmp(entries[2].aliases, "production,best") == 0 ||
                strcmp(entries[2].aliases, "best,production") == 0);
    arena_close(&arena);
}

static void test_references(void **state)
{
    static const char *const bad[] = {
        "",       "@x",    "a@",    "../a", "a/b",  ".a",        "-a",  "a@-x",
        "a@../b", "a b",   "a@b@c", "ä",    "a@.b", "nvda@\x01", "a\n", "a@1.safetensors",
        "a@1.5",  "a@b.c", "a@0",   "a@01", "a@1x"};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct model_reference reference;
        struct err err = {0};
        assert_int_equal(reference_parse(bad[i], strlen(bad[i]), &reference, &err), EX_DATAERR);
    }
}

static void test_alias_that_says_nothing(void **state)
{
    struct model_location location;
    struct err err;
    char path[256];
    (void)state;
    static const char *const texts[] = {"",      "x",        "0",     "2 1.5",    "99999999999",
                                        "2 nan", "2 0.5 x",  "2x",    "2 0.5x",   "2 x",
                                        "2 ",    "2\n0.5\n", "2\n\n", "2 0.5\n3", "2  0.5"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        (void)snprintf(path, sizeof path, "%s/nvda/odd", folder);
        FILE *file = fopen(path, "w");
        (void)fputs(texts[i], file);
        (void)fclose(file);
        assert_int_equal(resolve("nvda@odd", &location, &err), EX_DATAERR);
    }
    (void)unlink(path);
}

static void test_alias_of_a_version_that_is_gone(void **state)
{
    struct model_location location;
    struct err err = {0};
    uint32_t version;
    char path[256];
    (void)state;
    assert_int_equal(folder_add(folder, "gone", "x", 1, &version, &err), 0);
    assert_int_equal(folder_add(folder, "gone", "x", 1, &version, &err), 0);
    assert_int_equal(folder_set_alias(folder, "gone", "production", 2, 1, &err), 0);
    (void)snprintf(path, sizeof path, "%s/gone/2.safetensors", folder);
    assert_int_equal(unlink(path), 0);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(resolve(i == 0 ? "gone" : "gone@production", &location, &err), EX_NOINPUT);
        assert_non_null(strstr(err.text, "gone@production means version 2, which is not there"));
    }
    assert_int_equal(resolve("gone@2", &location, &err), EX_NOINPUT);
    assert_non_null(strstr(err.text, "no model 'gone@2'"));
}

static void test_aliases_that_are_none(void **state)
{
    static const char *const bad[] = {"", "2", "2b", "a.b", "1.safetensors", ".a", "-a", "a b"};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct err err = {0};
        assert_int_equal(folder_set_alias(folder, "nvda", bad[i], 1, 1, &err), EX_USAGE);
        assert_non_null(strstr(err.text, "is no alias"));
        err = (struct err){0};
        assert_int_equal(folder_remove_alias(folder, "nvda", bad[i], &err), EX_USAGE);
    }
}

// A folder that cannot be looked at is not taken for an empty one: here for a link to itself.
static void test_folder_that_cannot_be_read(void **state)
{
    const struct model_reference reference = {.name = "m"}, tagged = {.name = "m", .tag = "1"};
    struct model_location location;
    struct arena arena;
    struct folder_entry *entries;
    struct err err = {0};
    uint32_t version;
    char loop[256], model[280];
    size_t count;
    (void)state;
    assert_int_equal(arena_open(&arena, 1 << 24, &err), 0);
    (void)snprintf(loop, sizeof loop, "%s/missing", folder);
    assert_int_equal(folder_list(loop, &arena, &entries, &count, &err), 0);
    assert_int_equal(count, 0);
    (void)snprintf(loop, sizeof loop, "%s.loop", folder);
    (void)snprintf(model, sizeof model, "%s/m", folder);
    assert_int_equal(symlink(loop, loop), 0);
    assert_int_equal(symlink(loop, model), 0);
    const char *const places[] = {loop, folder};
    for (size_t i = 0; i < 2; i++) {
        err = (struct err){0};
        assert_int_equal(folder_list(places[i], &arena, &entries, &count, &err), EX_IOERR);
        assert_non_null(strstr(err.text, strerror(ELOOP)));
        assert_non_null(strstr(err.text, places[i]));
        err = (struct err){0};
        assert_int_equal(folder_resolve(places[i], &reference, &location, &err), EX_IOERR);
        err = (struct err){0};
        assert_int_equal(folder_resolve(places[i], &tagged, &location, &err), EX_IOERR);
        err = (struct err){0};
        assert_int_equal(folder_newest(places[i], "m", &location, &err), EX_IOERR);
        err = (struct err){0};
        assert_int_not_equal(folder_add(places[i], "m", "x", 1, &version, &err), 0);
    }
    assert_int_equal(unlink(model), 0);
    assert_int_equal(unlink(loop), 0);
    arena_close(&arena);
}

// Eight processes that add at once get eight versions.
static void test_two_at_once(void **state)
{
    enum { WRITERS = 8, EACH = 20 };
    struct model_location location;
    struct err err = {0};
    (void)state;
    for (int w = 0; w < WRITERS; w++)
        if (fork() == 0) {
            uint32_t version;
            for (int i = 0; i < EACH; i++)
                if (folder_add(folder, "race", "x", 1, &version, &err) != 0)
                    _exit(1);
            _exit(0);
        }
    for (int w = 0; w < WRITERS; w++) {
        int status;
        (void)wait(&status);
        assert_int_equal(status, 0);
    }
    assert_int_equal(resolve("race", &location, &err), 0);
    assert_int_equal(location.version, WRITERS * EACH);
}

static int remove_folder(void **state)
{
    char command[128];
    (void)state;
    (void)snprintf(command, sizeof command, "%s", folder);
    const pid_t child = fork();
    if (child == 0) {
        (void)execlp("rm", "rm", "-rf", command, (char *)NULL);
        _exit(1);
    }
    (void)waitpid(child, NULL, 0);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_versions_and_aliases),
        cmocka_unit_test(test_listing),
        cmocka_unit_test(test_references),
        cmocka_unit_test(test_alias_that_says_nothing),
        cmocka_unit_test(test_alias_of_a_version_that_is_gone),
        cmocka_unit_test(test_aliases_that_are_none),
        cmocka_unit_test(test_folder_that_cannot_be_read),
        cmocka_unit_test(test_two_at_once),
    };
    if (mkdtemp(folder) == NULL)
        return 1;
    return cmocka_run_group_tests(tests, NULL, remove_folder);
}
