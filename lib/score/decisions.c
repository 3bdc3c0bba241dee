/* SPDX-License-Identifier: MIT */
#include "score/decisions.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name, *value[2];
    bool chorus_second;         /* chorus' published backgrounds have the second value */
} table[DECISIONS] = {
    [DECIDE_CENTRE] = { "centre", { "left", "right" }, false },
    [DECIDE_EXON_ORIGIN] = { "exon-origin", { "output", "input" }, true },
    [DECIDE_STRANDS] = { "strands", { "both", "forward" }, true },
    [DECIDE_SEI_EFFECT] = { "sei-effect", { "layer", "difference" }, true },
    [DECIDE_EXONS] = { "exons", { "gtf", "bed" }, true },
    [DECIDE_GENE_STRAND] = { "gene-strand", { "same", "any" }, true },
    [DECIDE_WINDOW_BINS] = { "window-bins", { "odd", "ceil" }, false },
};

const char *
decision_name(enum decision which)
{
    return table[which].name;
}

const char *
decision_value(const struct decisions *d, enum decision which)
{
    return table[which].value[d->second[which]];
}

int
decisions_settle(struct decisions *d, struct err *e)
{
    if (d->compat && strcmp(d->compat, "chorus") != 0)
        return err_set(e, "--compat takes chorus, got '%s'", d->compat);
    for (int i = 0; i < DECISIONS; i++) {
        const char *word = d->given[i];

        d->second[i] = d->compat && table[i].chorus_second;
        if (!word)
            continue;
        d->second[i] = strcmp(word, table[i].value[1]) == 0;
        if (!d->second[i] && strcmp(word, table[i].value[0]) != 0)
            return err_set(e, "--%s takes %s or %s, got '%s'", table[i].name, table[i].value[0],
                           table[i].value[1], word);
    }
    return 0;
}

/* Which value of a decision that word is: 0, 1, or -1 for neither. */
static int
value_of(int i, const char *word)
{
    for (int v = 0; v < 2; v++)
        if (strcmp(word, table[i].value[v]) == 0)
            return v;
    return -1;
}

/* The values of the decisions in which that m's line names, -1 for those it does not. */
static int
read_line(int value[DECISIONS], const struct meta *m, unsigned which, struct err *e)
{
    const char *text = meta_get(m, "decisions");
    json_t *all = text ? json_loads(text, 0, NULL) : NULL;
    int status = 0;

    for (int i = 0; i < DECISIONS; i++) {
        json_t *word = which & 1u << i ? json_object_get(all, table[i].name) : NULL;

        value[i] = json_is_string(word) ? value_of(i, json_string_value(word)) : -1;
        if (word && value[i] < 0)
            status = err_set(e, "metadata line decisions is '%s', expected %s to be %s or %s; the "
                             "stream is damaged", text, table[i].name, table[i].value[0],
                             table[i].value[1]);
    }
    if (text && !json_is_object(all))
        status = err_set(e, "metadata line decisions is '%s', expected a JSON object; the stream "
                         "is damaged", text);
    json_decref(all);
    return status;
}

int
decisions_inherit(struct decisions *d, const struct meta *m, unsigned which, struct err *e)
{
    int value[DECISIONS];

    if (read_line(value, m, which, e))
        return -1;
    for (int i = 0; i < DECISIONS; i++)
        if (value[i] >= 0 && !d->given[i])
            d->given[i] = table[i].value[value[i]];
    return 0;
}

int
decisions_agree(const struct decisions *d, const struct meta *m, unsigned which, struct err *e)
{
    int value[DECISIONS];

    if (read_line(value, m, which, e))
        return -1;
    for (int i = 0; i < DECISIONS; i++)
        if (value[i] >= 0 && value[i] != (int)d->second[i])
            return err_set(e, "was made with --%s %s, but %s says %s; leave that out here, or give "
                           "it to predict too", table[i].name, table[i].value[value[i]],
                           d->given[i] ? "the option here" : "--compat chorus",
                           decision_value(d, (enum decision)i));
    return 0;
}

void
decisions_to_meta(struct meta *m, const struct decisions *d, unsigned which)
{
    const char *before = meta_get(m, "decisions");
    json_t *all = before ? json_loads(before, 0, NULL) : NULL;
    char *text;

    if (!json_is_object(all)) {
        json_decref(all);
        all = json_object();
    }
    for (int i = 0; i < DECISIONS; i++)
        if (which & 1u << i)
            json_object_set_new(all, table[i].name,
                                json_string(decision_value(d, (enum decision)i)));
    if (json_object_size(all)) {
        text = json_dumps(all, JSON_COMPACT | JSON_SORT_KEYS);
        meta_set(m, "decisions", text);
        free(text);
    }
    json_decref(all);
}
