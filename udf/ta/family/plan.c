// SPDX-License-Identifier: Apache-2.0
#include "plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct spec {
    const char *at, *end;
    struct err *err;
};

static void skip_spaces(struct spec *s)
{
    while (s->at < s->end && (*s->at == ' ' || *s->at == '\t' || *s->at == '\n'))
        s->at++;
}

static bool take(struct spec *s, char c)
{
    skip_spaces(s);
    if (s->at == s->end || *s->at != c)
        return false;
    s->at++;
    return true;
}

static bool is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static size_t take_name(struct spec *s, const char **name)
{
    skip_spaces(s);
    *name = s->at;
    while (s->at < s->end && is_name(*s->at))
        s->at++;
    return (size_t)(s->at - *name);
}

static int take_number(struct spec *s, double *number)
{
    char text[64];
    size_t length = 0;
    skip_spaces(s);
    const char *start = s->at;
    while (s->at < s->end && length < sizeof text - 1 && strchr("+-.0123456789eE", *s->at) != NULL)
        text[length++] = *s->at++;
    text[length] = '\0';
    char *after;
    *number = strtod(text, &after);
    if (length == 0 || *after != '\0')
        return err_set(s->err, EX_DATAERR, "spec: a number is wanted where '%.*s' stands",
                       (int)(s->end - start < 20 ? s->end - start : 20), start);
    return 0;
}

int ta_check_param(const struct ta_function *function, size_t p, double value, struct err *err)
{
    const struct ta_param *param = &function->params[p];
    if (!(value >= param->minimum) || (param->is_period && value > TA_MAX_PERIOD) ||
        !isfinite(value))
        return err_set(err, EX_DATAERR, "argument '%s' is %.17g; it must be %s from %.17g to %.17g",
                       param->name, value, param->is_period ? "a whole number" : "a number",
                       param->minimum, param->is_period ? (double)TA_MAX_PERIOD : HUGE_VAL);
    if (param->is_period && value != trunc(value))
        return err_set(err, EX_DATAERR, "argument '%s' is %.17g; it must be a whole number",
                       param->name, value);
    return 0;
}

static int parse_params(struct spec *s, const struct ta_function *function, struct ta_step *step)
{
    size_t given = 0;
    for (size_t p = 0; p < function->param_count; p++)
        step->param[p] = function->params[p].initial;
    if (take(s, '(') && !take(s, ')')) {
        do {
            double number;
            TRY(take_number(s, &number));
            if (given == function->param_count)
                return err_set(s->err, EX_DATAERR, "spec: %s takes %zu parameters", function->name,
                               function->param_count);
            step->param[given++] = number;
        } while (take(s, ','));
        if (!take(s, ')'))
            return err_set(s->err, EX_DATAERR, "spec: the ')' of %s( is missing", function->name);
    }
    for (size_t p = 0; p < function->param_count; p++)
        if (ta_check_param(function, p, step->param[p], s->err) != 0)
            return err_prefix(s->err, "spec: %s", function->name);
    return 0;
}

// Keeps a name in the plan's own text.
static int keep_name(struct ta_plan *plan, const char *text, size_t length, const char **kept,
                     struct err *err)
{
    char *copy = plan->names + plan->names_used;
    if (length == 0)
        return err_set(err, EX_DATAERR, "spec: a name is missing before '='");
    if (length + 1 > sizeof plan->names - plan->names_used)
        return err_set(err, EX_DATAERR, "spec: the names of its outputs are longer than %zu bytes",
                       sizeof plan->names);
    memcpy(copy, text, length);
    copy[length] = '\0';
    plan->names_used += length + 1;
    *kept = copy;
    return 0;
}

// ema_12; macd_12_26_9, macd_signal_12_26_9: the function's own name stands for the output of that
// name.
static int default_name(struct ta_plan *plan, const struct ta_function *function,
                        struct ta_step *step, size_t output, struct err *err)
{
    char text[160];
    int used = snprintf(text, sizeof text, "%s", function->name);
    if (function->output_count > 1 && strcmp(function->outputs[output], function->name) != 0)
        used += snprintf(text + used, sizeof text - (size_t)used, "_%s", function->outputs[output]);
    for (size_t p = 0; p < function->param_count && (size_t)used < sizeof text - 32; p++)
        used += snprintf(text + used, sizeof text - (size_t)used, "_%.10g", step->param[p]);
    for (int i = 0; i < used; i++)
        if (!is_name(text[i]))
            text[i] = '_';
    return keep_name(plan, text, (size_t)used, &step->names[output], err);
}

// The names before '=', if there are any; otherwise the spec stays where it was.
static int parse_aliases(struct spec *s, struct ta_plan *plan, struct ta_step *step, size_t *count)
{
    const struct spec before = *s;
    const char *names[TA_MAX_OUTPUTS];
    size_t lengths[TA_MAX_OUTPUTS];
    *count = 0;
    do {
        if (*count == TA_MAX_OUTPUTS)
            return err_set(s->err, EX_DATAERR, "spec: more than %d names before '='",
                           TA_MAX_OUTPUTS);
        lengths[*count] = take_name(s, &names[*count]);
        ++*count;
    } while (take(s, '/'));
    if (!take(s, '=')) {
        *s = before;
        *count = 0;
    }
    for (size_t i = 0; i < *count; i++)
        TRY(keep_name(plan, names[i], lengths[i], &step->names[i], s->err));
    return 0;
}

enum ta_series ta_series_named(const char *name)
{
    static const char *const names[TA_SERIES_COUNT] = {"open",  "high",   "low",
                                                       "close", "volume", "x"};
    enum ta_series s = TA_OPEN;
    while (s < TA_X && strcmp(names[s], name) != 0)
        s++;
    return s;
}

static int parse_step(struct spec *s, struct ta_plan *plan)
{
    struct ta_step *step = &plan->steps[plan->step_count];
    size_t aliases;
    const char *name;
    memset(step, 0, sizeof *step);
    TRY(parse_aliases(s, plan, step, &aliases));
    size_t length = take_name(s, &name);
    const size_t prefix = length > 3 && memcmp(name, "ta_", 3) == 0 ? 3 : 0;
    const struct ta_function *function = ta_find(name + prefix, length - prefix);
    if (function == NULL)
        return err_set(s->err, EX_DATAERR,
                       "spec: there is no indicator '%.*s' ('ta list' names them)",
                       (int)(length < 40 ? length : 40), name);
    if (aliases != 0 && aliases != function->output_count)
        return err_set(s->err, EX_DATAERR,
                       "spec: %s has %zu outputs, but %zu names stand before '='", function->name,
                       function->output_count, aliases);
    TRY(parse_params(s, function, step));
    step->function = (size_t)(function - ta_functions);
    step->lookback = function->lookback(step->param);
    step->first_output = plan->output_count;
    for (size_t i = 0; i < function->input_count; i++)
        step->inputs[i] = ta_series_named(function->inputs[i]);
    for (size_t i = aliases; i < function->output_count; i++)
        TRY(default_name(plan, function, step, i, s->err));
    plan->output_count += function->output_count;
    plan->step_count++;
    return 0;
}

int ta_plan_parse(struct ta_plan *plan, const char *spec, size_t length, struct err *err)
{
    struct spec s = {spec, spec + length, err};
    plan->step_count = plan->output_count = plan->names_used = 0;
    do {
        if (plan->step_count == TA_MAX_STEPS)
            return err_set(err, EX_DATAERR, "spec: more than %d indicators", TA_MAX_STEPS);
        TRY(parse_step(&s, plan));
    } while (take(&s, ','));
    skip_spaces(&s);
    if (s.at != s.end)
        return err_set(err, EX_DATAERR, "spec: unexpected '%.*s'",
                       (int)(s.end - s.at < 20 ? s.end - s.at : 20), s.at);
    return 0;
}

int ta_plan_check(const struct ta_plan *plan, const bool has[TA_SERIES_COUNT], struct err *err)
{
    for (size_t i = 0; i < plan->step_count; i++) {
        const struct ta_function *function = &ta_functions[plan->steps[i].function];
        for (size_t k = 0; k < function->input_count; k++)
            if (!has[plan->steps[i].inputs[k]])
                return err_set(err, EX_DATAERR, "%s needs the series '%s'%s, which is not there",
                               function->name, function->inputs[k],
                               plan->steps[i].inputs[k] == TA_X ? " (or value, price, close)" : "");
    }
    return 0;
}

void ta_run(size_t function, size_t lookback, const double *const *in, size_t size,
            const double *param, double *const *out, double *scratch)
{
    if (lookback < size) {
        ta_kernel_of(function)(in, size, param, out, scratch);
        return;
    }
    for (size_t k = 0; k < ta_functions[function].output_count; k++)
        for (size_t i = 0; i < size; i++)
            out[k][i] = (double)NAN;
}

void ta_plan_run(const struct ta_plan *plan, const double *const series[TA_SERIES_COUNT],
                 size_t size, double *const *outputs, double *scratch)
{
    for (size_t i = 0; i < plan->step_count; i++) {
        const struct ta_step *step = &plan->steps[i];
        const double *in[TA_MAX_INPUTS];
        for (size_t k = 0; k < ta_functions[step->function].input_count; k++)
            in[k] = series[step->inputs[k]];
        ta_run(step->function, step->lookback, in, size, step->param, outputs + step->first_output,
               scratch);
    }
}
