/* SPDX-License-Identifier: MIT */
#include "npz/npy.h"

#include <stdio.h>
#include <string.h>

/*
 * numpy pads a header so that its first dimension could grow to 21 digits in place, then with at
 * least one space to a multiple of 64 (numpy/lib/format.py since 1.23: growth digits, align).
 */
enum { GROWTH_DIGITS = 21, ALIGN = 64, MAGIC_BYTES = 8, FIXED_BYTES = 10 };

/* numpy itself refuses longer headers unless told to trust the file. */
enum { HEADER_TEXT_MAX = 10000 };

/* A position in the header's text: a Python dict literal of str, bool and tuple of int. */
struct cursor {
    const char *p, *end;
};

static void
skip_space(struct cursor *c)
{
    while (c->p < c->end && (*c->p == ' ' || *c->p == '\t' || *c->p == '\n' || *c->p == '\r'))
        c->p++;
}

/* Take ch, after any space, if it is next. */
static bool
take(struct cursor *c, char ch)
{
    skip_space(c);
    if (c->p == c->end || *c->p != ch)
        return false;
    c->p++;
    return true;
}

static bool
take_word(struct cursor *c, const char *word)
{
    size_t n = strlen(word);

    skip_space(c);
    if ((size_t)(c->end - c->p) < n || memcmp(c->p, word, n) != 0)
        return false;
    c->p += n;
    return true;
}

/* A quoted string without escapes into text[24]; none of those allowed is longer. */
static bool
take_string(struct cursor *c, char *text)
{
    size_t n = 0;
    char quote = '\'';

    if (!take(c, '\'')) {
        if (!take(c, '"'))
            return false;
        quote = '"';
    }
    while (c->p < c->end && *c->p != quote) {
        if (n == 23 || *c->p == '\\')
            return false;
        text[n++] = *c->p++;
    }
    text[n] = 0;
    return take(c, quote);
}

/* Digits, with the L that Python 2 put behind long ones. */
static bool
take_size(struct cursor *c, size_t *value)
{
    size_t v = 0;
    const char *first;

    skip_space(c);
    for (first = c->p; c->p < c->end && *c->p >= '0' && *c->p <= '9'; c->p++)
        if (__builtin_mul_overflow(v, 10, &v) ||
            __builtin_add_overflow(v, (size_t)(*c->p - '0'), &v))
            return false;
    *value = v;
    if (c->p == first)
        return false;
    if (c->p < c->end && *c->p == 'L')
        c->p++;
    return true;
}

static int
parse_shape(struct npy *a, struct cursor *c, struct err *e)
{
    if (!take(c, '('))
        return err_set(e, "broken .npy header: shape is not a tuple; write the array again");
    for (a->ndim = 0; !take(c, ')');) {
        if (a->ndim == NPY_MAX_DIM)
            return err_set(e, "array of more than %d dimensions; reshape it", NPY_MAX_DIM);
        if (!take_size(c, &a->shape[a->ndim]))
            return err_set(e, "broken .npy header: dimension %d is not a size; write the array "
                           "again", a->ndim);
        if (a->shape[a->ndim] == 0)
            return err_set(e, "dimension %d of the array is 0, expected at least 1; write the "
                           "array with its values", a->ndim);
        a->ndim++;
        if (!take(c, ',')) {
            /* Python reads (3) as a number, (3,) as a tuple. */
            if (a->ndim == 1 || !take(c, ')'))
                return err_set(e, "broken .npy header: shape is not a tuple; write the array "
                               "again");
            break;
        }
    }
    return 0;
}

static const struct { const char *descr; char kind; size_t item; } types[] = {
    { "<f4", 'f', 4 }, { "<f8", 'f', 8 }, { "<f2", 'f', 2 }, { "<i8", 'i', 8 }, { "<i4", 'i', 4 },
    { "|i1", 'i', 1 }, { "<i1", 'i', 1 }, { "|u1", 'u', 1 }, { "<u1", 'u', 1 }, { "|b1", 'b', 1 },
};

static int
parse_type(struct npy *a, const char *descr, struct err *e)
{
    struct cursor c = { descr, descr + strlen(descr) };
    size_t n = 0;

    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (strcmp(descr, types[i].descr) == 0) {
            a->kind = types[i].kind;
            a->item = types[i].item;
            return 0;
        }
    if (take_word(&c, "<U") && take_size(&c, &n) && c.p == c.end && n > 0 && n <= SIZE_MAX / 4) {
        a->kind = 'U';
        a->item = 4 * n;
        return 0;
    }
    if (strchr(descr, 'O'))
        return err_set(e, "array of Python objects (type '%s'), a pickle that could run code; "
                       "save plain numbers or text", descr);
    return err_set(e, "array of type '%s', expected f2, f4, f8, i1, i4, i8, u1, b1 or U, "
                   "little-endian; convert it with .astype", descr);
}

static int
parse_dict(struct npy *a, struct cursor *c, struct err *e)
{
    enum { DESCR = 1, ORDER = 2, SHAPE = 4 } bit;
    unsigned seen = 0;
    char text[24];

    if (!take(c, '{'))
        return err_set(e, "broken .npy header: not a dict; write the array again");
    while (!take(c, '}')) {
        if (!take_string(c, text) || !take(c, ':'))
            return err_set(e, "broken .npy header: no key where one belongs; write the array "
                           "again");
        if (strcmp(text, "descr") == 0) {
            bit = DESCR;
            if (!take_string(c, text))
                return err_set(e, "array of records or of a long type name, expected plain "
                               "numbers or text; save each field as an array of its own");
            if (parse_type(a, text, e) < 0)
                return -1;
        } else if (strcmp(text, "fortran_order") == 0) {
            bit = ORDER;
            a->fortran = take_word(c, "True");
            if (!a->fortran && !take_word(c, "False"))
                return err_set(e, "broken .npy header: fortran_order is neither True nor False; "
                               "write the array again");
        } else if (strcmp(text, "shape") == 0) {
            bit = SHAPE;
            if (parse_shape(a, c, e) < 0)
                return -1;
        } else {
            return err_set(e, "broken .npy header: unknown key '%s'; write the array again", text);
        }
        if (seen & bit)
            return err_set(e, "broken .npy header: a key occurs twice; write the array again");
        seen |= bit;
        if (!take(c, ',')) {
            if (!take(c, '}'))
                return err_set(e, "broken .npy header: dict is not closed; write the array again");
            break;
        }
    }
    if (seen != (DESCR | ORDER | SHAPE))
        return err_set(e, "broken .npy header: descr, fortran_order or shape is missing; write "
                       "the array again");
    skip_space(c);
    if (c->p != c->end)
        return err_set(e, "broken .npy header: text after the dict; write the array again");
    return 0;
}

/* Magic, version and length field: a->header is set, *c spans the header's text. */
static int
parse_frame(struct npy *a, struct cursor *c, const void *data, size_t bytes, struct err *e)
{
    const uint8_t *p = data;
    size_t fixed, text;

    if (bytes < FIXED_BYTES || memcmp(p, "\x93NUMPY", 6) != 0)
        return err_set(e, "not a .npy array (%zu bytes, no magic); write it with numpy.save",
                       bytes);
    if (p[6] < 1 || p[6] > 3 || p[7] != 0)
        return err_set(e, ".npy format version %d.%d, expected 1.0 to 3.0; write it with an "
                       "older numpy", p[6], p[7]);
    fixed = p[6] == 1 ? 10 : 12;
    if (bytes < fixed)
        return err_set(e, "cut off in the .npy header; copy or download the file again");
    text = p[8] | (size_t)p[9] << 8;
    if (p[6] > 1)
        text |= (size_t)p[10] << 16 | (size_t)p[11] << 24;
    if (text > HEADER_TEXT_MAX)
        return err_set(e, ".npy header of %zu bytes, expected at most %d; write the array again",
                       text, HEADER_TEXT_MAX);
    if (text > bytes - fixed)
        return err_set(e, "cut off in the .npy header (%zu bytes, expected %zu); copy or download "
                       "the file again", bytes, fixed + text);
    a->header = fixed + text;
    *c = (struct cursor){ (const char *)p + fixed, (const char *)p + a->header };
    return 0;
}

static int
check_total(struct npy *a, uint64_t total, struct err *e)
{
    size_t need = a->item;
    bool over = false;

    a->count = 1;
    for (int i = 0; i < a->ndim; i++) {
        over |= __builtin_mul_overflow(a->count, a->shape[i], &a->count);
        over |= __builtin_mul_overflow(need, a->shape[i], &need);
    }
    over |= __builtin_add_overflow(need, a->header, &need);
    if (over)
        return err_set(e, "declared shape is larger than any file can be; write the array again");
    if (need != total)
        return err_set(e, "%llu bytes, expected %zu for its declared shape; copy or download the "
                       "file again", (unsigned long long)total, need);
    return 0;
}

int
npy_parse(struct npy *a, const void *data, size_t bytes, uint64_t total, struct err *e)
{
    struct cursor c;

    memset(a, 0, sizeof *a);
    if (parse_frame(a, &c, data, bytes, e) < 0 || parse_dict(a, &c, e) < 0)
        return -1;
    return check_total(a, total, e);
}

void
npy_descr(char *out, char kind, size_t item)
{
    if (kind == 'U')
        snprintf(out, 24, "<U%zu", item / 4);
    else
        snprintf(out, 24, "%c%c%zu", item == 1 ? '|' : '<', kind, item);
}

size_t
npy_format(char *out, const struct npy *a)
{
    char descr[24], digits[24];
    size_t n = FIXED_BYTES;
    int grow = 0;

    npy_descr(descr, a->kind, a->item);
    n += (size_t)sprintf(out + n, "{'descr': '%s', 'fortran_order': %s, 'shape': (", descr,
                         a->fortran ? "True" : "False");
    for (int i = 0; i < a->ndim; i++)
        n += (size_t)sprintf(out + n, i ? ", %zu" : "%zu", a->shape[i]);
    n += (size_t)sprintf(out + n, a->ndim == 1 ? ",), }" : "), }");
    if (a->ndim > 0)
        grow = GROWTH_DIGITS - snprintf(digits, sizeof digits, "%zu",
                                        a->shape[a->fortran ? a->ndim - 1 : 0]);
    memset(out + n, ' ', (size_t)grow + ALIGN);
    n += (size_t)grow + 1;
    n += ALIGN - n % ALIGN;
    out[n - 1] = '\n';
    memcpy(out, "\x93NUMPY\x01\x00", MAGIC_BYTES);
    out[8] = (char)((n - FIXED_BYTES) & 255);
    out[9] = (char)((n - FIXED_BYTES) >> 8);
    return n;
}
