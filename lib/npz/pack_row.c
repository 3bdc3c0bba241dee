/* SPDX-License-Identifier: MIT */
/*
 * The only match is one to the float before (distance 4): a run of equal floats, or three bytes
 * when just the lowest byte differs.  Everything else is literals in dynamic Huffman codes, which
 * are made anew for every BLOCK floats because the upper bytes drift along a row.
 *
 * Measured on one core of a Xeon with rows of 10,000 normal deviates: 0.848 of their size at 430
 * MB/s; zlib level 6 gives 0.866 at 45 MB/s, libdeflate level 2 gives 0.846 at 130 MB/s.
 */
#include "npz/pack_row.h"

#include <stdlib.h>
#include <string.h>

#include "prog/mem.h"

enum {
    BLOCK = 1600,               /* floats; 2000 pack to 0.852 and take a tenth less time */
    END_OF_BLOCK = 256, SYMBOLS = 286,
    LENGTH_SYMBOLS = 19,        /* alphabet of code lengths */
    MAX_BITS = 15, MAX_LENGTH_BITS = 7,
    MATCH_MIN = 3, MATCH_MAX = 258,
    DISTANCE_SYMBOL = 3         /* distance 4, without extra bits */
};

/* A code: for each symbol its bits, as they enter the stream, and their number. */
struct code {
    uint16_t bits[SYMBOLS];
    uint8_t length[SYMBOLS];
};

struct bits {
    uint8_t *p;                 /* room is made beforehand */
    uint64_t word;
    unsigned n;
};

/* At most 32 bits, with fewer than 32 waiting. */
static inline void
put_bits(struct bits *b, uint64_t v, unsigned n)
{
    b->word |= v << b->n;
    b->n += n;
}

/* Move whole bytes out; up to 7 bits wait then. */
static inline void
flush_bits(struct bits *b)
{
    memcpy(b->p, &b->word, 8);
    b->p += b->n >> 3;
    b->word >>= b->n & ~7u;
    b->n &= 7;
}

/* A length as deflate has it: a symbol and extra bits. */
struct match {
    unsigned symbol, extra, n_extra;
};

/* RFC 1951 3.2.5: lengths 3 to 10 have symbols of their own, then 4 symbols per extra bit. */
static struct match
match_of(unsigned length)
{
    const unsigned v = length - MATCH_MIN;
    unsigned n = 0;

    if (length == MATCH_MAX)
        return (struct match){ 285, 0, 0 };
    while (v >> (n + 3))
        n++;
    return (struct match){ 257 + 4 * n + (v >> n), v & ((1u << n) - 1), n };
}

/* How much of a long match to take at once, so that the rest can be a match too. */
static unsigned
take_match(size_t bytes)
{
    if (bytes <= MATCH_MAX)
        return (unsigned)bytes;
    return bytes - MATCH_MAX < MATCH_MIN ? (unsigned)bytes - MATCH_MIN : MATCH_MAX;
}

/* A float as 4 literals, or a match of it and those behind it, with its first byte before it or
 * not. */
struct token {
    uint32_t word;
    uint32_t match;             /* bytes matched, 0: four literals */
};

struct packer {
    struct token token[BLOCK];
    size_t n;
    uint32_t count[SYMBOLS];
    struct code code;
    struct match match[MATCH_MAX + 1];
};

/*
 * Cut floats into tokens.  A match that begins at the second byte of a float has an odd length,
 * 3 + 4 k; one that begins at the first has an even one, 4 k.
 */
static void
make_tokens(struct packer *p, const uint32_t *v, size_t n, bool first)
{
    size_t k = 0;

    for (size_t i = 0; i < n; i++) {
        const uint32_t differ = first && i == 0 ? UINT32_MAX : v[i] ^ v[i - 1];

        if (differ == 0 && k && p->token[k - 1].match)
            p->token[k - 1].match += 4;
        else if (differ == 0)
            p->token[k++] = (struct token){ v[i], 4 };
        else
            p->token[k++] = (struct token){ v[i], differ >> 8 ? 0 : 3 };
    }
    p->n = k;
}

static void
count_match(struct packer *p, size_t bytes)
{
    while (bytes) {
        const unsigned length = take_match(bytes);

        p->count[p->match[length].symbol]++;
        bytes -= length;
    }
}

static void
count_symbols(struct packer *p)
{
    uint32_t part[4][256] = { { 0 } };

    memset(p->count, 0, sizeof p->count);
    p->count[END_OF_BLOCK] = 1;
    for (size_t i = 0; i < p->n; i++) {
        const struct token t = p->token[i];

        if (t.match) {
            if (t.match & 1)
                part[0][t.word & 255]++;
            count_match(p, t.match);
            continue;
        }
        for (int b = 0; b < 4; b++)
            part[b][t.word >> 8 * b & 255]++;
    }
    for (int i = 0; i < 256; i++)
        p->count[i] += part[0][i] + part[1][i] + part[2][i] + part[3][i];
}

/* Symbols that occur, by count; equal counts by symbol. */
static size_t
sort_symbols(uint32_t *sorted, const uint32_t *count, size_t n)
{
    uint32_t other[SYMBOLS];
    size_t k = 0;

    for (uint32_t i = 0; i < n; i++)
        if (count[i])
            sorted[k++] = count[i] << 9 | i;
    for (unsigned shift = 9; shift < 25; shift += 8) {
        uint16_t start[257] = { 0 };

        for (size_t i = 0; i < k; i++)
            start[(sorted[i] >> shift & 255) + 1]++;
        for (int i = 0; i < 256; i++)
            start[i + 1] += start[i];
        for (size_t i = 0; i < k; i++)
            other[start[sorted[i] >> shift & 255]++] = sorted[i];
        memcpy(sorted, other, k * sizeof *sorted);
    }
    return k;
}

/*
 * Number of codes of each length, in used[1..max], of a Huffman code for k weights in ascending
 * order.  Two queues: the weights, and the nodes made of them, whose weights ascend too.
 */
static void
huffman_lengths(unsigned *used, const uint32_t *sorted, size_t k, unsigned max)
{
    uint32_t weight[2 * SYMBOLS];
    uint16_t parent[2 * SYMBOLS];
    uint8_t depth[2 * SYMBOLS];
    size_t leaf = 0, node = k, n = k;
    uint32_t total = 0;

    for (size_t i = 0; i < k; i++)
        weight[i] = sorted[i] >> 9;
    while (n < 2 * k - 1) {
        uint32_t sum = 0;

        for (int i = 0; i < 2; i++) {
            const size_t at = leaf < k && (node >= n || weight[leaf] <= weight[node]) ? leaf++
                                                                                   : node++;
            sum += weight[at];
            parent[at] = (uint16_t)n;
        }
        weight[n++] = sum;
    }
    depth[n - 1] = 0;
    memset(used, 0, (MAX_BITS + 1) * sizeof *used);
    for (size_t i = n - 1; i-- > 0;) {
        depth[i] = depth[parent[i]] + 1;
        if (i < k)
            used[depth[i] < max ? depth[i] : max]++;
    }
    /* Codes cut to max bits take too much room: make one shorter code longer, and so on. */
    for (unsigned i = 1; i <= max; i++)
        total += used[i] << (max - i);
    for (; total > 1u << max; total--) {
        unsigned i = max - 1;

        while (!used[i])
            i--;
        used[i]--;
        used[i + 1] += 2;
        used[max]--;
    }
}

/* The n low bits the other way round: codes enter the stream from their highest bit. */
static uint16_t
reverse(uint32_t code, unsigned n)
{
    code = (code & 0x5555) << 1 | (code >> 1 & 0x5555);
    code = (code & 0x3333) << 2 | (code >> 2 & 0x3333);
    code = (code & 0x0f0f) << 4 | (code >> 4 & 0x0f0f);
    code = (code & 0x00ff) << 8 | code >> 8;
    return (uint16_t)(code >> (16 - n));
}

/* The code of these counts; at least one is not 0. */
static void
make_code(struct code *c, const uint32_t *count, size_t n, unsigned max)
{
    uint32_t sorted[SYMBOLS], next[MAX_BITS + 2] = { 0 };
    unsigned used[MAX_BITS + 1];
    size_t k = sort_symbols(sorted, count, n), at = 0;

    memset(c->length, 0, sizeof c->length);
    if (k == 1) {
        memset(used, 0, sizeof used);
        used[1] = 1;
    } else {
        huffman_lengths(used, sorted, k, max);
    }
    for (unsigned l = max; l > 0; l--)
        for (unsigned i = 0; i < used[l]; i++)
            c->length[sorted[at++] & 511] = (uint8_t)l;
    for (unsigned l = 1; l <= max; l++)
        next[l + 1] = (next[l] + used[l]) << 1;
    for (size_t i = 0; i < n; i++)
        if (c->length[i])
            c->bits[i] = reverse(next[c->length[i]]++, c->length[i]);
}

/* Code lengths as RFC 1951 3.2.7 sends them: runs of one length, or of zeros. */
struct run {
    uint8_t symbol, extra, n_extra;
};

static size_t
find_runs(struct run *run, const uint8_t *length, size_t n)
{
    size_t k = 0;

    for (size_t i = 0, same; i < n; i += same) {
        for (same = 1; i + same < n && length[i + same] == length[i];)
            same++;
        if (length[i] == 0 && same >= 11) {
            same = same < 138 ? same : 138;
            run[k++] = (struct run){ 18, (uint8_t)(same - 11), 7 };
        } else if (length[i] == 0 && same >= 3) {
            run[k++] = (struct run){ 17, (uint8_t)(same - 3), 3 };
        } else if (i && length[i] == length[i - 1] && same >= 3) {
            same = same < 6 ? same : 6;
            run[k++] = (struct run){ 16, (uint8_t)(same - 3), 2 };
        } else {
            same = 1;
            run[k++] = (struct run){ length[i], 0, 0 };
        }
    }
    return k;
}

static void
put_header(struct bits *b, const struct code *code)
{
    static const uint8_t order[LENGTH_SYMBOLS] = { 16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3,
                                                   13, 2, 14, 1, 15 };
    uint8_t length[SYMBOLS + DISTANCE_SYMBOL + 1] = { 0 };
    uint32_t count[LENGTH_SYMBOLS] = { 0 };
    struct run run[ARRAY_LEN(length)];
    struct code lengths;
    size_t n = SYMBOLS, n_run, n_order = LENGTH_SYMBOLS;

    while (n > END_OF_BLOCK + 1 && !code->length[n - 1])
        n--;
    memcpy(length, code->length, n);
    length[n + DISTANCE_SYMBOL] = 1;    /* the one distance has a code of one bit, 0 */
    n_run = find_runs(run, length, n + DISTANCE_SYMBOL + 1);
    for (size_t i = 0; i < n_run; i++)
        count[run[i].symbol]++;
    make_code(&lengths, count, LENGTH_SYMBOLS, MAX_LENGTH_BITS);
    while (n_order > 4 && !lengths.length[order[n_order - 1]])
        n_order--;
    put_bits(b, 0, 1);                  /* not the final block */
    put_bits(b, 2, 2);                  /* codes of its own */
    put_bits(b, n - 257, 5);
    put_bits(b, DISTANCE_SYMBOL, 5);
    put_bits(b, n_order - 4, 4);
    flush_bits(b);
    for (size_t i = 0; i < n_order; i++) {
        put_bits(b, lengths.length[order[i]], 3);
        flush_bits(b);
    }
    for (size_t i = 0; i < n_run; i++) {
        put_bits(b, lengths.bits[run[i].symbol], lengths.length[run[i].symbol]);
        put_bits(b, run[i].extra, run[i].n_extra);
        flush_bits(b);
    }
}

static void
put_symbol(struct bits *b, const struct code *c, unsigned symbol)
{
    put_bits(b, c->bits[symbol], c->length[symbol]);
}

static void
put_match(struct bits *b, const struct packer *p, size_t bytes)
{
    while (bytes) {
        const unsigned length = take_match(bytes);
        const struct match m = p->match[length];

        put_symbol(b, &p->code, m.symbol);
        put_bits(b, m.extra, m.n_extra);
        put_bits(b, 0, 1);              /* the distance */
        flush_bits(b);
        bytes -= length;
    }
}

static void
put_tokens(struct bits *b, const struct packer *p)
{
    const struct code *c = &p->code;

    for (size_t i = 0; i < p->n; i++) {
        const struct token t = p->token[i];

        if (t.match) {
            if (t.match & 1)
                put_symbol(b, c, t.word & 255);
            put_match(b, p, t.match);
            continue;
        }
        put_symbol(b, c, t.word & 255);
        put_symbol(b, c, t.word >> 8 & 255);
        put_symbol(b, c, t.word >> 16 & 255);
        flush_bits(b);                  /* 3 codes of 15 bits and 7 waiting make 52 */
        put_symbol(b, c, t.word >> 24);
        flush_bits(b);
    }
    put_symbol(b, c, END_OF_BLOCK);
    flush_bits(b);
}

/* An empty stored block, which begins at a byte: what zlib calls a full flush. */
static void
put_flush(struct bits *b)
{
    static const uint8_t empty[4] = { 0, 0, 0xff, 0xff };

    put_bits(b, 0, 3);
    flush_bits(b);
    if (b->n) {
        b->n = 8;
        flush_bits(b);
    }
    memcpy(b->p, empty, sizeof empty);
    b->p += sizeof empty;
}

void
pack_row(struct buf *out, const float *row, size_t n)
{
    /* No code is longer than 15 bits; a header has at most 320 runs of 14 bits and the rest. */
    const size_t n_block = (n + BLOCK - 1) / BLOCK, most = 8 * n + 700 * n_block + 16;
    struct packer *p = mem_alloc(sizeof *p);
    const size_t before = out->n;
    struct bits b = { .p = buf_room(out, most) };
    uint8_t *const start = b.p;
    uint32_t *v = mem_array(n, sizeof *v);

    memcpy(v, row, n * sizeof *v);
    for (unsigned i = MATCH_MIN; i <= MATCH_MAX; i++)
        p->match[i] = match_of(i);
    for (size_t i = 0; i < n; i += BLOCK) {
        make_tokens(p, v + i, n - i < BLOCK ? n - i : BLOCK, i == 0);
        count_symbols(p);
        make_code(&p->code, p->count, SYMBOLS, MAX_BITS);
        put_header(&b, &p->code);
        put_tokens(&b, p);
    }
    put_flush(&b);
    out->n = before + (size_t)(b.p - start);
    free(v);
    free(p);
}
