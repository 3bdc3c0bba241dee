/* SPDX-License-Identifier: MIT */
/*
 * What a family of models is made of, and what families share.  A new one is a file that defines a
 * struct family, and a line in family.c.
 */
#ifndef PT_FAMILY_H
#define PT_FAMILY_H

#include "oracle/model.h"
#include "weights/weights.h"

struct family {
    const char *name;           /* of --oracle */
    const char *layer;          /* scoring layer unless a track or the user says otherwise */
    double n_fraction;          /* of a window's bases that may be N */

    /*
     * Fill m (family, path and zeros so far) from the files at path: in_len, tracks, kind, impl,
     * nets.  0; -1 with the reason in e, naming the file.  What was filled is freed by the caller.
     */
    int (*open)(struct model *m, char **path, size_t n_paths, const struct model_options *o,
                const struct nn_ops *ops, struct err *e);
    void (*predict)(const struct model *m, struct model_scratch *scratch, size_t first_track,
                    const struct model_group *group, size_t n_groups);
    void (*describe)(const struct model *m, FILE *fp);
    void (*free_impl)(struct model *m);     /* of m->impl, which may be NULL */
};

extern const struct family family_bpnet, family_borzoi, family_chrombpnet, family_enformer;

/* All of them, n of them. */
const struct family *const *family_list(size_t *n);

/* Open a weight file of m, and take it into m's checksum and format. */
struct weights *model_weights(struct model *m, const char *path, struct err *e);

/* Append a track (zeroed) and return it; append a network to m->net. */
struct model_track *model_add_track(struct model *m);
void model_add_net(struct model *m, struct net *net);

/*
 * Run a network over a group and call take with the activations of each allele in place: first
 * those that are the reference, then the others.
 */
void model_run_group(const struct net *net, struct net_workspace *ws,
                     const struct model_group *group,
                     void (*take)(void *context, const struct model_allele *allele, size_t i),
                     void *context);

#endif
