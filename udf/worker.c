// SPDX-License-Identifier: Apache-2.0
// The main() of every executable that ClickHouse calls. `<family> udf NAME` is a pool worker: it
// reads blocks of arguments from standard input and answers each with a block of results, until the
// input ends. A call that means nothing (period 0, arrays of unequal length) is one sentence on
// standard error and a non-zero exit; nothing of its answer has been written by then.
#include "base/version.h"
#include "udf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct udf_function *find_function(const char *name)
{
    size_t count;
    const struct udf_function *functions = udf_family.functions(&count);
    for (size_t i = 0; i < count; i++)
        if (strcmp(functions[i].name, name) == 0)
            return &functions[i];
    return NULL;
}

struct worker {
    const struct udf_function *function;
    const struct native_type *argument_types[UDF_MAX_ARGUMENTS], *return_type;
    struct arena types, block; // types: for the whole life; block: reset after each
    struct native_source source;
    struct native_sink sink;
};

static int worker_open(struct worker *w, const struct udf_function *function, struct err *err)
{
    memset(w, 0, sizeof *w);
    w->function = function;
    TRY(arena_open(&w->types, 1 << 20, err));
    TRY(arena_open(&w->block, LIMIT_ARENA_BYTES, err));
    for (size_t i = 0; i < function->argument_count; i++) {
        const char *type = function->arguments[i].type;
        TRY(native_type_parse(&w->types, type, strlen(type), &w->argument_types[i], err));
    }
    TRY(native_type_parse(&w->types, function->return_type, strlen(function->return_type),
                          &w->return_type, err));
    TRY(native_source_fd(&w->source, STDIN_FILENO, err));
    return native_sink_fd(&w->sink, STDOUT_FILENO, err);
}

static void worker_close(struct worker *w)
{
    native_source_close(&w->source);
    native_sink_close(&w->sink);
    arena_close(&w->block);
    arena_close(&w->types);
}

static int answer_block(struct worker *w, const struct native_block *input, struct err *err)
{
    const struct udf_function *function = w->function;
    struct udf_call call = {.rows = input->rows, .arena = &w->block};
    if (input->column_count != function->argument_count)
        return err_set(err, EX_DATAERR, "got %zu arguments, wanted %zu", input->column_count,
                       function->argument_count);
    for (size_t i = 0; i < function->argument_count; i++) {
        char what[128];
        (void)snprintf(what, sizeof what, "argument '%s'", function->arguments[i].name);
        TRY(native_convert(&w->block, &input->columns[i], w->argument_types[i], what,
                           &call.arguments[i], err));
    }
    struct native_column result;
    TRY(native_column_new(&w->block, w->return_type, 0, &result, err));
    result.rows = input->rows;
    call.result = &result;
    TRY(function->run(function, &call, err));
    result.name = "result";
    const struct native_block output = {.rows = input->rows, .column_count = 1, .columns = &result};
    TRY(native_write_block(&w->sink, &output, err));
    return native_sink_flush(&w->sink, err);
}

static int worker_loop(struct worker *w, struct err *err)
{
    for (;;) {
        struct native_block input;
        bool more;
        TRY(native_read_block(&w->source, &w->block, &input, &more, err));
        if (!more)
            return 0;
        TRY(answer_block(w, &input, err));
        arena_reset(&w->block);
    }
}

static int set_up(struct err *err)
{
    return udf_family.setup != NULL ? udf_family.setup(err) : 0;
}

static int run_worker(const char *name, struct err *err)
{
    const struct udf_function *function = find_function(name);
    if (function == NULL)
        return err_set(err, EX_USAGE, "no function '%s'; '%s list' names them", name,
                       udf_family.name);
    TRY(set_up(err));
    udf_isolate();
    struct worker w;
    int code = worker_open(&w, function, err);
    if (code == 0)
        code = worker_loop(&w, err);
    worker_close(&w);
    return code != 0 ? err_prefix(err, "%s", name) : 0;
}

enum argument_style { NAMES, NAMES_AND_TYPES };

static void print_call(const struct udf_function *f, enum argument_style style)
{
    (void)printf("%s(", f->name);
    for (size_t a = 0; a < f->argument_count; a++) {
        (void)printf("%s%s", a != 0 ? ", " : "", f->arguments[a].name);
        if (style == NAMES_AND_TYPES)
            (void)printf(" %s", f->arguments[a].type);
    }
    (void)printf(")");
}

static int list_functions(void)
{
    size_t count;
    const struct udf_function *functions = udf_family.functions(&count);
    for (size_t i = 0; i < count; i++) {
        print_call(&functions[i], NAMES);
        (void)printf("\t%s\n", functions[i].summary);
    }
    return 0;
}

// clickhouse-config/functions/<family>_function.xml. One process serves one function at a time;
// a pool starts as many as are called at once, 8 at most.
static int print_xml(void)
{
    size_t count;
    const struct udf_function *functions = udf_family.functions(&count);
    (void)printf("<!-- Written by '%s print-xml'; a test fails when it differs. -->\n<functions>\n",
                 udf_family.name);
    for (size_t i = 0; i < count; i++) {
        const struct udf_function *f = &functions[i];
        (void)printf("  <function>\n    <type>executable_pool</type>\n    <name>%s</name>\n"
                     "    <command>%s udf %s</command>\n    <format>Native</format>\n",
                     f->name, udf_family.name, f->name);
        for (size_t a = 0; a < f->argument_count; a++)
            (void)printf("    <argument><type>%s</type><name>%s</name></argument>\n",
                         f->arguments[a].type, f->arguments[a].name);
        (void)printf("    <return_type>%s</return_type>\n    <return_name>result</return_name>\n"
                     "    <pool_size>8</pool_size>\n    "
                     "<max_command_execution_time>60</max_command_execution_time>\n"
                     "    <command_read_timeout>600000</command_read_timeout>\n"
                     "    <command_write_timeout>600000</command_write_timeout>\n"
                     "    <stderr_reaction>log_last</stderr_reaction>\n    "
                     "<deterministic>%d</deterministic>\n"
                     "  </function>\n",
                     f->return_type, !f->reads_files);
    }
    (void)printf("</functions>\n");
    return 0;
}

static void print_page(const struct udf_function *f)
{
    (void)printf("\n### %s\n\n%s.\n\n```sql\n", f->name, f->summary);
    print_call(f, NAMES_AND_TYPES);
    (void)printf(" -> %s\n```\n", f->return_type);
    if (f->details != NULL)
        (void)printf("\n%s\n", f->details);
    if (f->document != NULL)
        f->document(f, stdout);
}

// The family's part of docs/functions.md.
static int print_docs(void)
{
    size_t count;
    const struct udf_function *functions = udf_family.functions(&count);
    (void)printf("\n## %s: %s\n\n", udf_family.name, udf_family.summary);
    if (udf_family.document != NULL)
        udf_family.document(stdout);
    (void)printf("| function | what it is |\n| --- | --- |\n");
    for (size_t i = 0; i < count; i++) {
        (void)printf("| [`");
        print_call(&functions[i], NAMES);
        (void)printf("`](#%s) | %s |\n", functions[i].name, functions[i].summary);
    }
    for (size_t i = 0; i < count; i++)
        print_page(&functions[i]);
    return 0;
}

static int print_help(void)
{
    (void)printf("%s: %s\n\nusage: %s udf NAME         answer calls of one function: what "
                 "ClickHouse starts\n"
                 "       %s list             name the functions\n"
                 "       %s print-xml        write ClickHouse's description of them\n"
                 "       %s print-docs       write its part of docs/functions.md\n%s"
                 "       %s --help | --version\n",
                 udf_family.name, udf_family.summary, udf_family.name, udf_family.name,
                 udf_family.name, udf_family.name, udf_family.usage != NULL ? udf_family.usage : "",
                 udf_family.name);
    return 0;
}

static int print_completions(void)
{
    (void)printf("udf\nlist\nprint-xml\nprint-docs\n--help\n--version\n");
    if (udf_family.complete != NULL)
        udf_family.complete(stdout);
    return 0;
}

static int dispatch(int argc, char **argv, struct err *err)
{
    const char *command = argc > 1 ? argv[1] : "--help";
    if (strcmp(command, "udf") == 0)
        return argc == 3 ? run_worker(argv[2], err)
                         : err_set(err, EX_USAGE, "udf wants the name of one function");
    if (strcmp(command, "list") == 0)
        return list_functions();
    if (strcmp(command, "print-xml") == 0)
        return print_xml();
    if (strcmp(command, "print-docs") == 0)
        return print_docs();
    if (strcmp(command, "--complete") == 0)
        return print_completions();
    if (strcmp(command, "--version") == 0)
        return printf("%s %s\n", udf_family.name, TICKHOUSE_VERSION) > 0 ? 0 : EX_IOERR;
    if (strcmp(command, "--help") == 0)
        return print_help();
    TRY(set_up(err));
    const int code = udf_family.command != NULL ? udf_family.command(argc - 1, argv + 1, err) : -1;
    return code >= 0 ? code
                     : err_set(err, EX_USAGE, "unknown command '%s'; '%s --help' lists them",
                               command, udf_family.name);
}

int main(int argc, char **argv)
{
    struct err err = {0};
    int code = dispatch(argc, argv, &err);
    if (fflush(stdout) != 0 && code == 0)
        code = err_set(&err, EX_IOERR, "cannot write the output: %s", strerror(errno));
    if (code != 0 && err.text[0] != '\0')
        (void)fprintf(stderr, "%s: %s\n", udf_family.name, err.text);
    return code;
}
