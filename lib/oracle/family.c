/* SPDX-License-Identifier: MIT */
#include "oracle/family.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "digest/hash256.h"
#include "prog/mem.h"
#include "weights/unwrap.h"

static const struct family *const families[] = {
#define FAMILY(name) &family_##name,
#include "family/list.h"
#undef FAMILY
};

const struct family *const *
family_list(size_t *n)
{
    *n = ARRAY_LEN(families);
    return families;
}

/* One file's checksum is that file's; of more, the checksum of the checksums so far and the next. */
static void
add_checksum(struct model *m, const char sha256[65])
{
    struct hash256 *h;

    if (!*m->sha256) {
        memcpy(m->sha256, sha256, sizeof m->sha256);
        return;
    }
    h = hash256_new();
    hash256_add(h, m->sha256, 64);
    hash256_add(h, sha256, 64);
    hash256_hex(h, m->sha256);
}

void
model_note(struct model *m, const char *format, ...)
{
    char text[400];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    for (size_t i = 0; i < m->n_notes; i++)
        if (strcmp(m->note[i], text) == 0)
            return;
    m->note = mem_resize(m->note, m->n_notes + 1, sizeof(char *));
    m->note[m->n_notes++] = mem_strdup(text);
}

struct weights *
model_weights(struct model *m, const char *path, const struct model_options *o, struct err *e)
{
    struct weights *w = weights_open(path, e);

    if (w && weights_unwrap(w, o->weights_key, e)) {
        weights_close(w);
        return NULL;
    }
    if (!w)
        return NULL;
    if (w->unwrapped)
        model_note(m, "tensors are taken from '%s' of the file", w->unwrapped);
    if (!m->format)
        m->format = w->format;
    add_checksum(m, w->sha256);
    return w;
}

const struct family *
family_of(const struct weights *w)
{
    for (size_t i = 0; i < ARRAY_LEN(families); i++)
        if (families[i]->recognises && families[i]->recognises(w))
            return families[i];
    return NULL;
}

int
model_refuse_file(const struct model *m, const struct weights *w, struct err *e)
{
    const struct family *f = family_of(w);

    if (f && f != m->family)
        return err_set(e, "%s: is not a weight file of %s (it looks like %s); use --oracle %s",
                       w->path, m->family->declared->name, f->declared->name, f->declared->name);
    return err_set(e, "%s: holds %zu tensors ('%s', ...), but none of the names of a %s model; is "
                   "this the right file?  (Of a network below another name, say --weights-key "
                   "NAME)", w->path, w->n_tensor,
                   w->n_tensor ? w->tensor[0].name : "none", m->family->declared->name);
}

/* Take a setting into the checksum as if it were a file of that text. */
static void
add_setting(struct model *m, const char *name, const char *value)
{
    char *text = mem_printf("%s=%s", name, value), hex[65];
    struct hash256 *h = hash256_new();

    hash256_add(h, text, strlen(text));
    hash256_hex(h, hex);
    add_checksum(m, hex);
    free(text);
}

int
model_take_options(struct model *m, const struct model_options *o, unsigned takes, struct err *e)
{
    char len[24], out_len[48];
    const struct {
        unsigned which;
        const char *name, *value;       /* value NULL: not set */
    } option[] = {
        { MODEL_TAKES_IN_LEN, "input-length", o->in_len ? len : NULL },
        { MODEL_TAKES_OUT_LEN, "output-length", o->out_len ? out_len : NULL },
        { MODEL_TAKES_STRANDS, "average-strands", o->average_strands ? "yes" : NULL },
        { MODEL_TAKES_ADAPTERS, "adapters", o->adapters },
        { MODEL_TAKES_COUNTS, "counts", o->counts },
        { MODEL_TAKES_ROUNDING, "rounding", o->rounding },
        { MODEL_TAKES_N_CHANNEL, "n-channel", o->n_channel ? "yes" : NULL },
        { MODEL_TAKES_SIGNALS, "signals", o->signals ? "yes" : NULL },
        { MODEL_TAKES_HEAD, "head", o->head },
        { MODEL_TAKES_UNSQUASH, "unsquash", o->unsquash ? "yes" : NULL },
        { MODEL_TAKES_FORWARD, "forward", o->forward ? "yes" : NULL },
        { MODEL_TAKES_ALWAYS, "weights-key", o->weights_key },
    };

    snprintf(len, sizeof len, "%zu", o->in_len);
    snprintf(out_len, sizeof out_len, o->bias_out_len ? "%zu,%zu" : "%zu", o->out_len,
             o->bias_out_len);
    for (size_t i = 0; i < ARRAY_LEN(option); i++) {
        if (!option[i].value)
            continue;
        if (!(option[i].which & (takes | MODEL_TAKES_ALWAYS)))
            return err_set(e, "--%s is not for %s models", option[i].name, m->family->declared->name);
        add_setting(m, option[i].name, option[i].value);
    }
    return 0;
}

size_t
model_usual_out_len(size_t in_len)
{
    enum { IN = 2114, OUT = 1000 };

    return in_len > IN - OUT ? in_len - (IN - OUT) : OUT;
}

int
model_check_out_len(const struct weights *w, size_t asked, size_t said, const char *what,
                    struct err *e)
{
    if (!asked || asked == said)
        return 0;
    return err_set(e, "%s: says itself that %zu positions are predicted (%s), --output-length says "
                   "%zu; leave the option out", w->path, said, what, asked);
}

struct model_track *
model_add_track(struct model *m)
{
    struct model_track *t;

    m->track = mem_resize(m->track, m->n_tracks + 1, sizeof *m->track);
    t = &m->track[m->n_tracks++];
    memset(t, 0, sizeof *t);
    t->n_bins = t->bin_bp = t->n_strands = 1;
    return t;
}

void
model_add_net(struct model *m, struct net *net)
{
    m->net = mem_resize(m->net, m->n_nets + 1, sizeof(struct net *));
    m->net[m->n_nets++] = net;
}

static bool
is_reference(const struct model_allele *a)
{
    return a->hi <= a->lo;
}

void
model_run_group(const struct net *net, struct net_workspace *ws, const struct model_group *group,
                void (*take)(void *context, const struct model_allele *allele, size_t i),
                void *context)
{
    size_t last = 0;

    net_run(net, ws, group->codes);
    for (size_t i = 0; i < group->n; i++) {
        if (is_reference(&group->allele[i]))
            take(context, &group->allele[i], i);
        else
            last = i;
    }
    for (size_t i = 0; i < group->n; i++) {
        const struct model_allele *a = &group->allele[i];

        if (is_reference(a))
            continue;
        if (i < last) {
            net_change(net, ws, a->codes, a->lo, a->hi);
            take(context, a, i);
            net_restore(net, ws);
        } else {
            net_change_last(net, ws, a->codes, a->lo, a->hi);
            take(context, a, i);
        }
    }
}

struct model_group
model_derive_group(struct model_scratch *scratch, const struct model_group *group, size_t len,
                   void (*make)(void *context, uint8_t *to, const uint8_t *from, size_t *lo,
                                size_t *hi),
                   void *context)
{
    size_t n = group->n, lo = 0, hi = 0;
    struct model_allele *allele;
    uint8_t *codes;

    mem_grow(&scratch->u8, &scratch->u8_cap, n * sizeof *allele + (n + 1) * len, 1);
    allele = (struct model_allele *)(void *)scratch->u8;
    codes = scratch->u8 + n * sizeof *allele;
    make(context, codes, group->codes, &lo, &hi);
    for (size_t i = 0; i < n; i++) {
        uint8_t *to = codes + (i + 1) * len;

        allele[i] = group->allele[i];
        make(context, to, allele[i].codes, &allele[i].lo, &allele[i].hi);
        allele[i].codes = to;
    }
    return (struct model_group){ codes, allele, n };
}
