/* SPDX-License-Identifier: MIT */
/*
 * What a family of models is made of, and what families share.  A new one is a file, as
 * family/declare.h has it, and a line in family/list.h.
 */
#ifndef PT_FAMILY_H
#define PT_FAMILY_H

#include "family/declare.h"
#include "oracle/model.h"
#include "weights/weights.h"

struct family {
    const struct declaration *declared;

    const char *const *unused;  /* names of tensors it knows and needs not, "lw?", ending in NULL
                                   (account.h); may be NULL */

    /* Whether the names of a weight file's tensors are those of the family; NULL: nobody knows. */
    bool (*recognises)(const struct weights *w);

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

#define FAMILY(name) extern const struct family family_##name;
#include "family/list.h"
#undef FAMILY

/* All of them, n of them. */
const struct family *const *family_list(size_t *n);

/*
 * Open a weight file of m, take wrappers off its names (weights/unwrap.h) and take it into m's
 * checksum and format.
 */
struct weights *model_weights(struct model *m, const char *path, const struct model_options *o,
                              struct err *e);

/* What the user is to know of how m was made: what a file does not say and was assumed. */
void model_note(struct model *m, const char *format, ...) PT_PRINTF(2, 3);

/* The first family that recognises a weight file, or NULL. */
const struct family *family_of(const struct weights *w);

/* "PATH: is not a weight file of NAME (it looks like OTHER); use --oracle OTHER", into e; -1. */
int model_refuse_file(const struct model *m, const struct weights *w, struct err *e);

/* Which of the options that only some families have this one takes. */
enum {
    MODEL_TAKES_IN_LEN = 1, MODEL_TAKES_STRANDS = 2, MODEL_TAKES_ADAPTERS = 4,
    MODEL_TAKES_COUNTS = 8, MODEL_TAKES_N_CHANNEL = 16, MODEL_TAKES_SIGNALS = 32,
    MODEL_TAKES_HEAD = 64, MODEL_TAKES_UNSQUASH = 128, MODEL_TAKES_FORWARD = 256,
    MODEL_TAKES_ROUNDING = 512, MODEL_TAKES_OUT_LEN = 1024, MODEL_TAKES_ALWAYS = 2048
};

/*
 * -1 when an option is set that is not among takes, naming it.  Those that are set and change what
 * a weight file predicts go into m's checksum, so that a background made with them is not taken
 * for one made without.
 */
int model_take_options(struct model *m, const struct model_options *o, unsigned takes,
                       struct err *e);

/* Of positions predicted, those that are assumed when a file does not say: as published models. */
size_t model_usual_out_len(size_t in_len);

/*
 * -1 with both numbers in e when --output-length is given for a file that says something else;
 * what: "trimming", or where else it says so.
 */
int model_check_out_len(const struct weights *w, size_t asked, size_t said, const char *what,
                        struct err *e);

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

/*
 * The same alleles as other sequences of len codes: make writes one from an allele's codes and
 * moves its changed columns.  The group is scratch's and lives until the next call.
 */
struct model_group model_derive_group(struct model_scratch *scratch,
                                      const struct model_group *group, size_t len,
                                      void (*make)(void *context, uint8_t *to, const uint8_t *from,
                                                   size_t *lo, size_t *hi),
                                      void *context);

#endif
