/* SPDX-License-Identifier: MIT */
#include "base/pyfloat.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* |v| = 0.d1d2d3... x 10^(exponent + 1): n significant decimal digits. */
struct decimal {
    char digit[20];
    int n, exponent;
};

static double
decimal_value(const struct decimal *d)
{
    char text[40];

    snprintf(text, sizeof text, "%c.%se%d", d->digit[0], d->digit + 1, d->exponent);
    return strtod(text, NULL);
}

/* One unit more in the last digit, carrying; 9.99e4 becomes 1.00e5. */
static void
decimal_increment(struct decimal *d)
{
    for (int i = d->n - 1; i >= 0; i--) {
        if (d->digit[i] != '9') {
            d->digit[i]++;
            return;
        }
        d->digit[i] = '0';
    }
    d->digit[0] = '1';
    d->exponent++;
}

/* v > 0 rounded to n digits. */
static void
decimal_round(struct decimal *d, double v, int n)
{
    char text[40];

    snprintf(text, sizeof text, "%.*e", n - 1, v);
    d->n = n;
    d->digit[0] = text[0];
    memcpy(d->digit + 1, text + 2, (size_t)n - 1);
    d->digit[n] = '\0';
    d->exponent = atoi(strchr(text, 'e') + 1);
}

/*
 * At a power of two the decimals that read back as v reach twice as far above it as below, so the
 * nearest n-digit decimal may fail where the next larger one does not: 2^-44 is
 * 5.684341886080802e-14, which is not its nearest 16-digit decimal.
 */
static void
shortest_of_power(struct decimal *d, double v)
{
    for (int n = 1; n <= 17; n++) {
        decimal_round(d, v, n);
        if (decimal_value(d) == v)
            return;
        if (n < 17) {
            decimal_increment(d);
            if (decimal_value(d) == v)
                return;
        }
    }
}

/*
 * Elsewhere they reach as far to both sides: the nearest decimal of n digits reads back when any
 * of n digits does, and then so does that of n + 1, which is as near or nearer.
 */
static void
decimal_shortest(struct decimal *d, double v)
{
    int exponent, lo = 1, hi = 17;

    if (frexp(v, &exponent) == 0.5) {
        shortest_of_power(d, v);
        return;
    }
    while (lo < hi) {
        int mid = (lo + hi) / 2;

        decimal_round(d, v, mid);
        if (decimal_value(d) == v)
            hi = mid;
        else
            lo = mid + 1;
    }
    decimal_round(d, v, lo);
}

static size_t
print_positional(char *out, const struct decimal *d)
{
    if (d->exponent < 0)
        return (size_t)sprintf(out, "0.%.*s%s", -d->exponent - 1, "0000", d->digit);
    if (d->n <= d->exponent + 1)
        return (size_t)sprintf(out, "%s%.*s.0", d->digit, d->exponent + 1 - d->n,
                               "000000000000000");
    return (size_t)sprintf(out, "%.*s.%s", d->exponent + 1, d->digit, d->digit + d->exponent + 1);
}

static size_t
print_scientific(char *out, const struct decimal *d)
{
    return (size_t)sprintf(out, "%c%s%se%c%02d", d->digit[0], d->n > 1 ? "." : "", d->digit + 1,
                           d->exponent < 0 ? '-' : '+', abs(d->exponent));
}

size_t
pyfloat_format(char out[PYFLOAT_MAX], double v)
{
    struct decimal d;
    size_t sign = signbit(v) ? 1 : 0;

    out[0] = '-';
    if (v == 0)
        return sign + (size_t)sprintf(out + sign, "0.0");
    decimal_shortest(&d, fabs(v));
    while (d.n > 1 && d.digit[d.n - 1] == '0')
        d.digit[--d.n] = '\0';
    if (d.exponent >= -4 && d.exponent < 16)
        return sign + print_positional(out + sign, &d);
    return sign + print_scientific(out + sign, &d);
}
