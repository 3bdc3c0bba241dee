/* SPDX-License-Identifier: MIT */
/*
 * The generators of CPython and NumPy: constants written down here, and, where the reference
 * tables are present ($SHARED/golden), every call of them on every seed.
 */
#include "check.h"

#include "digest/hash256.h"
#include "prog/mem.h"
#include "rng/nprandom.h"
#include "rng/pyrandom.h"

/* Comma-joined text of numbers, as the tables have it. */
struct text {
    char *s;
    size_t len, cap;
};

static void
text_add(struct text *t, const char *item)
{
    const size_t n = strlen(item);

    mem_grow(&t->s, &t->cap, t->len + n + 2, 1);
    if (t->len)
        t->s[t->len++] = ',';
    memcpy(t->s + t->len, item, n + 1);
    t->len += n;
}

static void
text_int(struct text *t, int64_t v)
{
    char item[32];

    snprintf(item, sizeof item, "%lld", (long long)v);
    text_add(t, item);
}

/* Compare with the table and start afresh. */
static void
text_check(struct text *t, const char *want, const char *what)
{
    CHECK(strcmp(t->s, want) == 0, "%s gives %s, expected %s", what, t->s, want);
    t->len = 0;
}

static void
text_sha256(const struct text *t, char hex[65])
{
    struct hash256 *h = hash256_new();

    hash256_add(h, t->s, t->len);
    hash256_hex(h, hex);
}

static void
add_choices(struct text *t, struct pyrandom *r)
{
    char letters[17] = "";

    for (int i = 0; i < 16; i++)
        letters[i] = "ACG"[pyrandom_below(r, 3)];
    text_add(t, letters);
}

static void
add_shuffle(struct text *t, struct pyrandom *r)
{
    int list[12];

    for (int i = 0; i < 12; i++)
        list[i] = i;
    pyrandom_shuffle(r, list, 12, sizeof *list);
    for (int i = 0; i < 12; i++)
        text_int(t, list[i]);
}

static void
add_sample(struct text *t, struct pyrandom *r, size_t n, size_t k)
{
    size_t *index = mem_array(k, sizeof *index);

    pyrandom_sample(r, index, n, k);
    for (size_t i = 0; i < k; i++)
        text_int(t, (int64_t)index[i]);
    free(index);
}

/* First six, last three and SHA-256 of 3,000 of n. */
static void
add_long_sample(struct text *t, struct pyrandom *r, size_t n)
{
    enum { K = 3000 };
    size_t *index = mem_array(K, sizeof *index);
    struct text all = { 0 };
    char hex[65];

    pyrandom_sample(r, index, n, K);
    for (size_t i = 0; i < K; i++) {
        text_int(&all, (int64_t)index[i]);
        if (i < 6 || i >= K - 3)
            text_int(t, (int64_t)index[i]);
    }
    text_sha256(&all, hex);
    text_add(t, hex);
    free(all.s);
    free(index);
}

static void
add_bits(struct text *t, struct pyrandom *r)
{
    static const int k[] = { 1, 5, 31, 32, 33, 64 };

    for (size_t i = 0; i < ARRAY_LEN(k); i++) {
        char item[32];

        snprintf(item, sizeof item, "%llu", (unsigned long long)pyrandom_bits(r, k[i]));
        text_add(t, item);
    }
}

/* One line of the table of CPython; false for calls that are not reproduced (gauss). */
static bool
python_call(struct text *t, struct pyrandom *r, const char *call)
{
    size_t n, k;

    if (strncmp(call, "getrandbits(32)", 15) == 0)
        for (int i = 0; i < 6; i++)
            text_int(t, (int64_t)pyrandom_bits(r, 32));
    else if (strncmp(call, "getrandbits(k)", 14) == 0)
        add_bits(t, r);
    else if (strncmp(call, "randint(5000000,", 16) == 0)
        for (int i = 0; i < 5; i++)
            text_int(t, pyrandom_int(r, 5000000, 200000000));
    else if (strncmp(call, "randint(-150,150)", 17) == 0)
        for (int i = 0; i < 8; i++)
            text_int(t, pyrandom_int(r, -150, 150));
    else if (strncmp(call, "choice('ACG')", 13) == 0)
        add_choices(t, r);
    else if (strncmp(call, "choice(range(24))", 17) == 0)
        for (int i = 0; i < 10; i++)
            text_int(t, (int64_t)pyrandom_below(r, 24));
    else if (strncmp(call, "shuffle", 7) == 0)
        add_shuffle(t, r);
    else if (sscanf(call, "sample(range(%zu),%zu)", &n, &k) == 2 && k == 3000)
        add_long_sample(t, r, n);
    else if (sscanf(call, "sample(range(%zu),%zu)", &n, &k) == 2)
        add_sample(t, r, n, k);
    else
        return false;
    return true;
}

static void
check_random_values(struct pyrandom *r, const char *values, const char *what)
{
    for (const char *p = values; *p; p += *p == ',') {
        char *end;
        const double want = strtod(p, &end), got = pyrandom_random(r);

        CHECK(got == want, "%s gives %.17g, expected %.17g", what, got, want);
        p = end;
    }
}

static void
check_python_line(struct text *t, char *line)
{
    struct pyrandom r;
    char *seed = strtok(line, "\t"), *call = strtok(NULL, "\t"), *values = strtok(NULL, "\n");
    char what[160];

    snprintf(what, sizeof what, "seed %s: %s", seed, call);
    pyrandom_seed(&r, strtoull(seed, NULL, 10));
    if (strncmp(call, "random()", 8) == 0)
        check_random_values(&r, values, what);
    else if (python_call(t, &r, call))
        text_check(t, values, what);
}

static void
numpy_choice(struct text *t, struct nprandom *r, uint32_t n, uint32_t k, uint32_t first)
{
    uint32_t *work = mem_array(n, sizeof *work), *index = mem_array(k, sizeof *index);

    nprandom_choice(r, index, k, work, n);
    for (uint32_t i = 0; i < k; i++)
        text_int(t, first ? first + 3 * index[i] : index[i]);
    free(index);
    free(work);
}

/* SHA-256 over 1,000 calls of choice(1000, 32): comma lists, each ended by a line end. */
static void
numpy_thousand_calls(struct text *t, struct nprandom *r)
{
    struct hash256 *h = hash256_new();
    char hex[65];

    for (int i = 0; i < 1000; i++) {
        numpy_choice(t, r, 1000, 32, 0);
        hash256_add(h, t->s, t->len);
        hash256_add(h, "\n", 1);
        t->len = 0;
    }
    hash256_hex(h, hex);
    text_add(t, hex);
}

static void
check_numpy_line(struct text *t, char *line)
{
    struct nprandom r;
    char *seed = strtok(line, "\t"), *call = strtok(NULL, "\t"), *values = strtok(NULL, "\n");
    unsigned n;

    nprandom_seed(&r, (uint32_t)strtoul(seed, NULL, 10));
    if (strncmp(call, "first 6", 7) == 0)
        for (int i = 0; i < 6; i++)
            text_int(t, mt19937_next(&r.mt));
    else if (strcmp(call, "permutation(10)") == 0)
        numpy_choice(t, &r, 10, 10, 0);
    else if (strstr(call, "x1000 calls"))
        numpy_thousand_calls(t, &r);
    else if (strncmp(call, "choice(array", 12) == 0)
        numpy_choice(t, &r, 34, 8, 100);
    else if (sscanf(call, "choice(%u,32", &n) == 1) {
        if (strstr(call, "2nd call")) {
            numpy_choice(t, &r, n, 32, 0);
            t->len = 0;
        }
        numpy_choice(t, &r, n, 32, 0);
    }
    CHECK(t->len > 0, "unknown call '%s'", call);
    if (t->len)
        text_check(t, values, call);
}

static void
check_method_line(struct text *t, char *line)
{
    size_t k, setsize;

    (void)t;
    CHECK(sscanf(line, "%zu\t%zu", &k, &setsize) == 2);
    CHECK_INT(pyrandom_sample_setsize(k), setsize);
}

/* Number of lines of the table, without its header line; 0 when it is not there. */
static size_t
check_table(const char *name, void (*check)(struct text *, char *))
{
    const char *shared = getenv("SHARED");
    char *path, *line = NULL;
    struct text t = { 0 };
    size_t cap = 0, n = 0;
    FILE *fp;

    if (!shared)
        return 0;
    path = mem_printf("%s/golden/%s", shared, name);
    fp = fopen(path, "r");
    free(path);
    if (!fp)
        return 0;
    while (getline(&line, &cap, fp) > 0)
        if (n++)
            check(&t, line);
    fclose(fp);
    free(line);
    free(t.s);
    return n - 1;
}

/* Values of CPython 3.11 and NumPy 1.24, so that the test means something without the tables. */
static void
check_constants(void)
{
    struct text t = { 0 };
    struct pyrandom r;
    struct nprandom np;

    pyrandom_seed(&r, 42);
    CHECK_INT(pyrandom_bits(&r, 32), 2746317213);
    CHECK_INT(pyrandom_bits(&r, 32), 478163327);
    CHECK_INT(r.mt.words, 2);
    pyrandom_seed(&r, 42);
    CHECK(pyrandom_random(&r) == 0.6394267984578837);
    pyrandom_seed(&r, 789);
    CHECK_INT(pyrandom_int(&r, 5000000, 200000000), 133490172);
    CHECK_INT(pyrandom_int(&r, 5000000, 200000000), 194727331);
    pyrandom_seed(&r, 43);
    add_choices(&t, &r);
    text_check(&t, "ACGACCGGACGCGAGC", "choice");
    pyrandom_seed(&r, 2026);
    add_shuffle(&t, &r);
    text_check(&t, "0,6,2,3,10,4,7,11,9,8,5,1", "shuffle");
    pyrandom_seed(&r, 42);
    add_sample(&t, &r, 100, 6);
    text_check(&t, "81,14,3,94,35,31", "sample with a set");
    pyrandom_seed(&r, 42);
    add_sample(&t, &r, 85, 6);
    text_check(&t, "81,14,3,35,31,28", "sample from a pool");
    nprandom_seed(&np, 999);
    numpy_choice(&t, &np, 10, 10, 0);
    text_check(&t, "6,2,8,4,3,7,9,1,5,0", "permutation");
    nprandom_seed(&np, 999);
    numpy_thousand_calls(&t, &np);
    text_check(&t, "4d866b90ad0bcf39202b3359ffa385e181954a22eb7cc93536f2ecb4e68022a9", "choice");
    free(t.s);
}

/* A seed of more than 32 bits has a key of two words; 2^32 alone is the key {0, 1}. */
static void
check_long_seed(void)
{
    struct pyrandom a, b;

    pyrandom_seed(&a, (uint64_t)1 << 32);
    mt19937_seed_array(&b.mt, (const uint32_t[]){ 0, 1 }, 2);
    CHECK_INT(pyrandom_bits(&a, 64) == pyrandom_bits(&b, 64), 1);
    pyrandom_seed(&b, 0);
    CHECK(pyrandom_bits(&a, 64) != pyrandom_bits(&b, 64), "seeds 2^32 and 0 are the same");
}

int
main(void)
{
    size_t n;

    check_constants();
    check_long_seed();
    n = check_table("rng_python_random.tsv", check_python_line);
    n += check_table("rng_numpy_randomstate.tsv", check_numpy_line);
    n += check_table("rng_sample_method_table.tsv", check_method_line);
    if (!n)
        printf("reference tables not present: constants only\n");
    return check_done();
}
