/* SPDX-License-Identifier: MIT */
/*
 * Least significant digit first, 11 bits a pass: three passes for floats, six for doubles, fewer
 * when a digit is the same in all values.  The bits of a float, with the sign bit flipped for
 * positive values and all bits for negative ones, order as unsigned integers do.
 */
#include "reservoir/radix.h"

#include <string.h>

enum { BITS = 11, BUCKETS = 1 << BITS, PASSES32 = 3, PASSES64 = 6 };

/* Below this many values the passes over empty buckets cost more than moving neighbours. */
enum { FEW = 48 };

static uint32_t
key32(uint32_t bits)
{
    return bits ^ (bits >> 31 ? UINT32_MAX : 1u << 31);
}

static uint32_t
bits32(uint32_t key)
{
    return key ^ (key >> 31 ? 1u << 31 : UINT32_MAX);
}

static uint64_t
key64(uint64_t bits)
{
    return bits ^ (bits >> 63 ? UINT64_MAX : (uint64_t)1 << 63);
}

static uint64_t
bits64(uint64_t key)
{
    return key ^ (key >> 63 ? (uint64_t)1 << 63 : UINT64_MAX);
}

/* Turn counts into start positions; false when one bucket holds everything. */
static bool
start_positions(size_t *count, size_t n)
{
    size_t at = 0;

    for (size_t b = 0; b < BUCKETS; b++) {
        size_t c = count[b];

        if (c == n)
            return false;
        count[b] = at;
        at += c;
    }
    return true;
}

static void
sort_keys32(uint32_t *a, uint32_t *b, size_t n)
{
    static const unsigned shift[PASSES32] = { 0, BITS, 2 * BITS };
    size_t count[PASSES32][BUCKETS] = { { 0 } };
    uint32_t *from = a, *to = b, *t;

    for (size_t i = 0; i < n; i++)
        for (int p = 0; p < PASSES32; p++)
            count[p][a[i] >> shift[p] & (BUCKETS - 1)]++;
    for (int p = 0; p < PASSES32; p++) {
        if (!start_positions(count[p], n))
            continue;
        for (size_t i = 0; i < n; i++)
            to[count[p][from[i] >> shift[p] & (BUCKETS - 1)]++] = from[i];
        t = from;
        from = to;
        to = t;
    }
    if (from != a)
        memcpy(a, from, n * sizeof *a);
}

static void
sort_keys64(uint64_t *a, uint64_t *b, size_t n)
{
    size_t count[PASSES64][BUCKETS] = { { 0 } };
    uint64_t *from = a, *to = b, *t;

    for (size_t i = 0; i < n; i++)
        for (int p = 0; p < PASSES64; p++)
            count[p][a[i] >> BITS * p & (BUCKETS - 1)]++;
    for (int p = 0; p < PASSES64; p++) {
        if (!start_positions(count[p], n))
            continue;
        for (size_t i = 0; i < n; i++)
            to[count[p][from[i] >> BITS * p & (BUCKETS - 1)]++] = from[i];
        t = from;
        from = to;
        to = t;
    }
    if (from != a)
        memcpy(a, from, n * sizeof *a);
}

static void
insert_float(float *v, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        float x = v[i];
        size_t j = i;

        for (; j > 0 && v[j - 1] > x; j--)
            v[j] = v[j - 1];
        v[j] = x;
    }
}

static void
insert_double(double *v, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        double x = v[i];
        size_t j = i;

        for (; j > 0 && v[j - 1] > x; j--)
            v[j] = v[j - 1];
        v[j] = x;
    }
}

uint32_t
radix_key_of_float(float v)
{
    uint32_t bits;

    memcpy(&bits, &v, sizeof bits);
    return key32(bits);
}

float
radix_float_of_key(uint32_t key)
{
    const uint32_t bits = bits32(key);
    float v;

    memcpy(&v, &bits, sizeof v);
    return v;
}

void
radix_sort_u64(uint64_t *v, uint64_t *scratch, size_t n)
{
    sort_keys64(v, scratch, n);
}

/* memcpy between values and keys also tells the compiler that the memory now holds integers. */
void
radix_sort_float(float *v, float *scratch, size_t n)
{
    uint32_t bits;

    if (n < FEW) {
        insert_float(v, n);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        memcpy(&bits, &v[i], sizeof bits);
        bits = key32(bits);
        memcpy(&v[i], &bits, sizeof bits);
    }
    sort_keys32((uint32_t *)(void *)v, (uint32_t *)(void *)scratch, n);
    for (size_t i = 0; i < n; i++) {
        memcpy(&bits, &v[i], sizeof bits);
        bits = bits32(bits);
        memcpy(&v[i], &bits, sizeof bits);
    }
}

void
radix_sort_double(double *v, double *scratch, size_t n)
{
    uint64_t bits;

    if (n < FEW) {
        insert_double(v, n);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        memcpy(&bits, &v[i], sizeof bits);
        bits = key64(bits);
        memcpy(&v[i], &bits, sizeof bits);
    }
    sort_keys64((uint64_t *)(void *)v, (uint64_t *)(void *)scratch, n);
    for (size_t i = 0; i < n; i++) {
        memcpy(&bits, &v[i], sizeof bits);
        bits = bits64(bits);
        memcpy(&v[i], &bits, sizeof bits);
    }
}

enum element { ELEMENT_U32, ELEMENT_FLOAT, ELEMENT_DOUBLE };

static inline uint64_t
key_at(const void *v, size_t i, enum element what)
{
    uint32_t word;
    uint64_t wide;

    if (what == ELEMENT_DOUBLE) {
        memcpy(&wide, (const double *)v + i, sizeof wide);
        return key64(wide);
    }
    memcpy(&word, (const uint32_t *)v + i, sizeof word);
    return what == ELEMENT_FLOAT ? key32(word) : word;
}

/* Digit by digit from the top: count those that share the digits found so far. */
static inline uint64_t
select_key(const void *v, size_t n, size_t rank, enum element what)
{
    int shift = what == ELEMENT_DOUBLE ? 64 : 32;
    uint64_t found = 0, mask = 0;

    while (shift > 0) {
        const int bits = shift < BITS ? shift : BITS;
        size_t count[BUCKETS] = { 0 }, b = 0;

        shift -= bits;
        for (size_t i = 0; i < n; i++) {
            const uint64_t key = key_at(v, i, what);

            if ((key & mask) == found)
                count[key >> shift & ((1u << bits) - 1)]++;
        }
        for (; rank >= count[b]; b++)
            rank -= count[b];
        found |= (uint64_t)b << shift;
        mask |= (uint64_t)((1u << bits) - 1) << shift;
    }
    return found;
}

float
radix_select_float(const float *v, size_t n, size_t rank)
{
    return radix_float_of_key((uint32_t)select_key(v, n, rank, ELEMENT_FLOAT));
}

double
radix_select_double(const double *v, size_t n, size_t rank)
{
    const uint64_t bits = bits64(select_key(v, n, rank, ELEMENT_DOUBLE));
    double d;

    memcpy(&d, &bits, sizeof d);
    return d;
}

uint32_t
radix_select_u32(const uint32_t *v, size_t n, size_t rank)
{
    return (uint32_t)select_key(v, n, rank, ELEMENT_U32);
}
