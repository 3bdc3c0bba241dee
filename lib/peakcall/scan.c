/* SPDX-License-Identifier: MIT */
#include "peakcall/scan.h"

#include <stdlib.h>
#include <string.h>

#include "peakcall/bins.h"
#include "prog/mem.h"

/* A stretch of a track: value i is of position first + i. */
struct stretch {
    float *v;
    int64_t first;
    size_t n, cap;
};

struct scan {
    struct peak_net *net;
    const struct denoiser *denoiser;
    struct scan_options o;
    scan_done *done;
    void *context;
    int64_t halo;

    const char *chrom;          /* NULL: none begun */
    struct bins bins;
    struct stretch signal;      /* as it came */
    struct stretch x;           /* what the network reads */
    int64_t ready;              /* positions of x that are final */
    struct stretch score;
    int64_t shown;              /* positions handed out */

    float *input;               /* of one piece */
    float *flat;                /* scores of a piece of flat_value alone */
    float flat_value;
    bool has_flat;
};

static float *
stretch_room(struct stretch *s, size_t n)
{
    mem_grow(&s->v, &s->cap, s->n + n, sizeof *s->v);
    s->n += n;
    return s->v + s->n - n;
}

/* Forget what lies before a position. */
static void
stretch_drop(struct stretch *s, int64_t before)
{
    const int64_t n = before - s->first;

    if (n <= 0)
        return;
    memmove(s->v, s->v + n, (s->n - (size_t)n) * sizeof *s->v);
    s->n -= (size_t)n;
    s->first = before;
}

static void
stretch_clear(struct stretch *s)
{
    s->first = 0;
    s->n = 0;
}

static int64_t
stretch_end(const struct stretch *s)
{
    return s->first + (int64_t)s->n;
}

struct scan *
scan_new(struct peak_net *net, const struct scan_options *o, scan_done *done, void *context)
{
    struct scan *s = mem_zalloc(sizeof *s);

    s->net = net;
    s->denoiser = peak_net_denoiser(net);
    s->o = *o;
    s->done = done;
    s->context = context;
    s->halo = (int64_t)peak_net_halo(net);
    s->input = mem_array(PEAK_PIECE + 2 * (size_t)s->halo, sizeof *s->input);
    s->flat = mem_array(PEAK_PIECE, sizeof *s->flat);
    return s;
}

void
scan_free(struct scan *s)
{
    if (!s)
        return;
    free(s->signal.v);
    free(s->x.v);
    free(s->score.v);
    free(s->input);
    free(s->flat);
    free(s);
}

/* Copy what the piece at lo reads into s->input; whether all of it is one value, n permitting. */
static bool
gather(struct scan *s, int64_t lo, int64_t n)
{
    const int64_t from = lo - s->halo, to = lo + PEAK_PIECE + s->halo;
    const int64_t begin = from > 0 ? from : 0, end = to < n ? to : n;
    bool flat = begin == from && end == to;

    memset(s->input, 0, (size_t)(to - from) * sizeof *s->input);
    memcpy(s->input + (begin - from), s->x.v + (begin - s->x.first),
           (size_t)(end - begin) * sizeof *s->input);
    for (int64_t i = 1; flat && i < to - from; i++)
        flat = s->input[i] == s->input[0];
    return flat;
}

/* Genomes are mostly flat: the scores of such a piece are computed once. */
static void
score_piece(struct scan *s, int64_t lo, int64_t n)
{
    const bool flat = gather(s, lo, n);
    const int64_t left = n - lo;
    const size_t keep = left < PEAK_PIECE ? (size_t)left : PEAK_PIECE;
    float *score = stretch_room(&s->score, PEAK_PIECE);

    if (flat && s->has_flat && s->flat_value == s->input[0]) {
        memcpy(score, s->flat, PEAK_PIECE * sizeof *score);
    } else {
        peak_net_score(s->net, score, s->input, lo, n);
        if (flat) {
            memcpy(s->flat, score, PEAK_PIECE * sizeof *score);
            s->flat_value = s->input[0];
            s->has_flat = true;
        }
    }
    s->score.n -= PEAK_PIECE - keep;
}

static void
show(struct scan *s, int64_t at, const double *summit)
{
    const float *score = s->score.v + (at - s->score.first);
    const int64_t end = (at + 1) * s->o.bin;
    struct scan_position p = {
        .chrom = s->chrom, .start = at * s->o.bin, .end = end < s->bins.length ? end : s->bins.length,
        .signal = s->signal.v[at - s->signal.first], .score = *score,
        .probability = (float)peak_net_probability(s->net, *score),
    };

    if (summit) {
        p.summit = *summit;
        peak_net_edges(s->net, &p.peak_start, &p.peak_end, at ? score[-1] : *score, *score,
                       s->o.guide);
    }
    s->done(s->context, &p);
}

/* Hand out all positions before to, whose scores and those that their summits need are there. */
static void
show_to(struct scan *s, int64_t to)
{
    double *summit = NULL;

    if (to <= s->shown)
        return;
    if (s->o.summits) {
        summit = mem_array((size_t)(to - s->shown), sizeof *summit);
        peak_net_summits(s->net, summit, s->score.v, s->score.first, s->score.first,
                         stretch_end(&s->score), s->shown, (size_t)(to - s->shown),
                         s->o.summit_window);
    }
    for (int64_t at = s->shown; at < to; at++)
        show(s, at, summit ? summit + (at - s->shown) : NULL);
    free(summit);
    s->shown = to;
    stretch_drop(&s->signal, to);
    stretch_drop(&s->score, to - (s->o.summits ? s->o.summit_window : 0) - 1);
}

static void
score_all_ready(struct scan *s)
{
    const int64_t ahead = s->o.summits ? s->o.summit_window : 0;

    while (s->ready >= stretch_end(&s->score) + PEAK_PIECE + s->halo) {
        score_piece(s, stretch_end(&s->score), INT64_MAX);
        show_to(s, stretch_end(&s->score) - ahead);
        stretch_drop(&s->x, stretch_end(&s->score) - s->halo);
    }
}

/* Denoise the windows of x that are full. */
static void
denoise(struct scan *s)
{
    const int64_t window = s->denoiser ? (int64_t)s->denoiser->window : 0;

    if (!window)
        s->ready = stretch_end(&s->x);
    for (; window && stretch_end(&s->x) >= s->ready + window; s->ready += window)
        denoiser_run(s->denoiser, s->x.v + (s->ready - s->x.first), s->chrom,
                     (uint64_t)(s->ready / window), s->o.seed);
}

/* The last window is filled up with the last value. */
static void
denoise_last(struct scan *s)
{
    const int64_t n = stretch_end(&s->x);
    const int64_t missing = s->denoiser ? s->ready + (int64_t)s->denoiser->window - n : 0;

    if (s->ready < n && missing > 0) {
        float *more = stretch_room(&s->x, (size_t)missing);

        for (int64_t i = 0; i < missing; i++)
            more[i] = more[-1];
        denoise(s);
        s->x.n -= (size_t)missing;
    }
    s->ready = n;
}

/* n positions of one value. */
static void
add_positions(void *context, float value, int64_t n)
{
    struct scan *s = context;

    while (n > 0) {
        const int64_t some = n < PEAK_PIECE ? n : PEAK_PIECE;
        float *signal = stretch_room(&s->signal, (size_t)some);
        float *x = stretch_room(&s->x, (size_t)some);

        for (int64_t i = 0; i < some; i++)
            signal[i] = x[i] = value;
        n -= some;
        denoise(s);
        score_all_ready(s);
    }
}

static void
end_chromosome(struct scan *s)
{
    int64_t n;

    if (!s->chrom)
        return;
    bins_end(&s->bins, add_positions, s);
    denoise_last(s);
    n = stretch_end(&s->x);
    while (stretch_end(&s->score) < n)
        score_piece(s, stretch_end(&s->score), n);
    show_to(s, n);
}

static void
begin_chromosome(struct scan *s, const char *chrom)
{
    s->chrom = chrom;
    s->ready = s->shown = 0;
    s->bins = (struct bins){ .size = s->o.bin };
    stretch_clear(&s->signal);
    stretch_clear(&s->x);
    stretch_clear(&s->score);
}

void
scan_add(struct scan *s, const struct segment *g)
{
    if (g->chrom != s->chrom) {
        end_chromosome(s);
        begin_chromosome(s, g->chrom);
    }
    bins_add(&s->bins, g, add_positions, s);
}

void
scan_end(struct scan *s)
{
    end_chromosome(s);
    s->chrom = NULL;
}
