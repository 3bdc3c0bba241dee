/* SPDX-License-Identifier: MIT */
/* What predict chose and its predictions name: it holds here too, and need not be said again. */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "job.h"
#include "prog/die.h"
#include "prog/mem.h"
#include "prog/opt.h"
#include "prog/prov.h"

enum {
    OF_GENES = 1u << DECIDE_EXON_ORIGIN | 1u << DECIDE_EXONS | 1u << DECIDE_GENE_STRAND,
    OF_PREDICT = OF_GENES | 1u << DECIDE_WINDOW_BINS
};

/* A member of the line exon_bins, or NULL. */
static char *
exon_member(const struct meta *m, const char *member)
{
    const char *text = meta_get(m, "exon_bins");
    json_t *json = text ? json_loads(text, 0, NULL) : NULL;
    const char *word = json_string_value(json_object_get(json, member));
    char *copy = word ? mem_strdup(word) : NULL;

    json_decref(json);
    return copy;
}

/* --compat chorus of predict shows in how it drew bins. */
static bool
is_chorus(const struct meta *m)
{
    const char *text = meta_get(m, "perbin");
    json_t *json = text ? json_loads(text, 0, NULL) : NULL;
    bool is = json_object_get(json, "draw") != NULL;

    json_decref(json);
    return is;
}

void
choices_take(const struct job *j, const struct meta *m, struct options *o)
{
    struct err e;

    /* Said here alone, --compat is a choice like any other, which choices_check compares. */
    if ((!o->decide.compat || is_chorus(m)) && decisions_inherit(&o->decide, m, OF_PREDICT, &e))
        die("%s: %s", j->name, e.msg);
    if (decisions_settle(&o->decide, &e))
        die_usage("%s", e.msg);
}

/* The annotation that predict read, by its recorded command line; NULL when that is not there. */
static char *
recorded_gtf(const struct meta *m)
{
    json_t *chain = prov_chain(m), *entry;
    char *gtf = NULL;
    size_t i;

    json_array_foreach(chain, i, entry) {
        const char *program = json_string_value(json_object_get(entry, "pn"));
        const char *line = json_string_value(json_object_get(entry, "cl"));

        if (!program || !line || strcmp(program, "predict") != 0)
            continue;
        free(gtf);
        gtf = opt_recorded(line, "gtf");
    }
    json_decref(chain);
    return gtf;
}

void
choices_take_genes(struct job *j, const struct meta *m, struct options *o)
{
    char *rule = exon_member(m, "genes");
    const enum gene_rule which = rule ? gene_rule_find(rule) : GENE_RULES;

    if (rule && which == GENE_RULES)
        die("%s: metadata line exon_bins names the genes '%s', expected overlap, tss or nearby; "
            "the stream is damaged", j->name, rule);
    if (rule && !o->genes)
        o->genes = gene_rule_name[which];
    free(rule);
    if (o->gtf)
        return;
    o->gtf = j->gtf = recorded_gtf(m);
    if (!o->gtf)
        die("%s: holds the exon bins of genes, but not the name of their annotation (it was made "
            "with --no-provenance); give it with --gtf", j->name);
    if (access(o->gtf, R_OK))
        die("%s: holds the exon bins of genes of %s, which cannot be read here: %s; say with "
            "--gtf where it is", j->name, o->gtf, strerror(errno));
    chat("annotation, by the predictions: %s", o->gtf);
}

void
choices_check(const struct job *j, const struct meta *m, const struct options *o,
              unsigned in_force)
{
    const char *theirs = meta_get(m, "exon_bins");
    char *ours = score_exon_rules(&j->rules, j->gtf_sha256);
    struct err e;

    if (decisions_agree(&o->decide, m, OF_PREDICT & in_force, &e))
        die("%s: %s", j->name, e.msg);
    if (theirs && ours && strcmp(theirs, ours) != 0)
        die("%s: holds the exon bins of %s, but this run is over %s; leave out --gtf and --genes "
            "here, or give them to predict too", j->name, theirs, ours);
    free(ours);
}
