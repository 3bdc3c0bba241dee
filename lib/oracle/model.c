/* SPDX-License-Identifier: MIT */
#include "oracle/model.h"

#include <stdlib.h>
#include <string.h>

#include "oracle/family.h"
#include "prog/mem.h"

static const struct family *
find_family(const char *name)
{
    size_t n;
    const struct family *const *list = family_list(&n);

    for (size_t i = 0; i < n; i++)
        if (strcmp(list[i]->declared->name, name) == 0)
            return list[i];
    return NULL;
}

double
model_n_fraction(const struct model *m)
{
    return m->family->declared->n_fraction;
}

bool
model_only_acgtn(const struct model *m)
{
    return m->family->declared->only_acgtn;
}

/* "a,b,c" to its parts in place; returns how many. */
static size_t
split(char ***part, char *text)
{
    size_t n = 0;

    *part = NULL;
    for (char *at = text, *word; (word = strsep(&at, ",")) != NULL;) {
        *part = mem_resize(*part, n + 1, sizeof **part);
        (*part)[n++] = word;
    }
    return n;
}

struct model *
model_open(const char *family, const char *path, const struct model_options *o,
           const struct nn_ops *ops, struct err *e)
{
    struct model *m = mem_zalloc(sizeof *m);
    char *copy = mem_strdup(path), **part;
    size_t n = split(&part, copy);

    m->family = find_family(family);
    m->path = mem_strdup(path);
    if (m->family->open(m, part, n, o, ops, e)) {
        model_free(m);
        m = NULL;
    }
    free(part);
    free(copy);
    return m;
}

void
model_free(struct model *m)
{
    if (!m)
        return;
    m->family->free_impl(m);
    for (size_t t = 0; t < m->n_tracks; t++) {
        free(m->track[t].id);
        free(m->track[t].suffix);
        free(m->track[t].assay);
        free(m->track[t].biosample);
    }
    for (size_t i = 0; i < m->n_notes; i++)
        free(m->note[i]);
    free(m->note);
    free(m->track);
    free(m->net);
    free(m->path);
    free(m);
}

void
model_predict(const struct model *m, struct model_scratch *scratch, size_t first_track,
              const struct model_group *group, size_t n_groups)
{
    m->family->predict(m, scratch, first_track, group, n_groups);
}

uint64_t
model_macs(const struct model *m)
{
    uint64_t macs = m->more_macs;

    for (size_t i = 0; i < m->n_nets; i++)
        macs += m->net[i]->macs;
    return macs;
}

size_t
model_workspace_bytes(const struct model *m)
{
    size_t most = 0;

    for (size_t i = 0; i < m->n_nets; i++) {
        size_t bytes = net_bytes(m->net[i]);

        most = bytes > most ? bytes : most;
    }
    return most;
}

/* Input bases behind one column of an output: of the output that depends on the fewest. */
static void
print_field(const struct net *net, FILE *fp)
{
    size_t all = net->node[0].len, least = all;

    for (int i = 1; i < net->n_node; i++) {
        size_t field = net->node[i].wanted ? net_receptive_field(net, i) : all;

        least = field < least ? field : least;
    }
    fprintf(fp, "receptive field\t%zu of %zu bp\n", least, all);
}

void
model_describe(const struct model *m, FILE *fp)
{
    fprintf(fp, "file\t%s\nformat\t%s\nsha256\t%s\nmodel\t%s\nwindow\t%zu bp\n", m->path,
            m->format, m->sha256, m->kind, m->in_len);
    m->family->describe(m, fp);
    for (size_t i = 0; i < m->n_notes; i++)
        fprintf(fp, "note\t%s\n", m->note[i]);
    for (size_t i = 0; i < m->n_nets; i++)
        print_field(m->net[i], fp);
    fprintf(fp, "multiply-adds\t%llu per window\n", (unsigned long long)model_macs(m));
}
