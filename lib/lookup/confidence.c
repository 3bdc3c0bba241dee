/* SPDX-License-Identifier: MIT */
#include "lookup/confidence.h"

#include <float.h>
#include <math.h>

/*
 * The continued fraction of I_x(a, b) (NIST Digital Library of Mathematical Functions 8.17.22),
 * evaluated front to back by the modified method of Lentz.  For x < (a + 1) / (a + b + 2) it
 * converges within about sqrt(max(a, b)) steps.
 */
static double
beta_fraction(double a, double b, double x)
{
    const double tiny = 1e-300;
    double c = 1, d = 1 - (a + b) * x / (a + 1), f;

    d = 1 / (fabs(d) < tiny ? tiny : d);
    f = d;
    for (int i = 1; i < 200000; i++) {
        double m = i, step;
        double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));

        d = 1 + even * d;
        c = 1 + even / c;
        d = 1 / (fabs(d) < tiny ? tiny : d);
        c = fabs(c) < tiny ? tiny : c;
        f *= d * c;
        d = 1 + odd * d;
        c = 1 + odd / c;
        d = 1 / (fabs(d) < tiny ? tiny : d);
        c = fabs(c) < tiny ? tiny : c;
        step = d * c;
        f *= step;
        if (fabs(step - 1) < 2 * DBL_EPSILON)
            break;
    }
    return f;
}

/* log of x^a (1 - x)^b / B(a, b) */
static double
log_weight(double a, double b, double x)
{
    return lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x);
}

static double
beta_cdf(double a, double b, double x)
{
    double weight;

    if (x <= 0 || x >= 1)
        return x >= 1;
    weight = exp(log_weight(a, b, x));
    if (x < (a + 1) / (a + b + 2))
        return weight * beta_fraction(a, b, x) / a;
    return 1 - weight * beta_fraction(b, a, 1 - x) / b;
}

/* Newton's steps, halving instead wherever one would leave what is known to hold the answer. */
double
confidence_beta_quantile(double p, double a, double b)
{
    double lo = 0, hi = 1, x = a / (a + b);

    for (int i = 0; i < 200; i++) {
        double error = beta_cdf(a, b, x) - p, slope, next;

        if (error > 0)
            hi = x;
        else
            lo = x;
        slope = exp(log_weight(a, b, x)) / (x * (1 - x));
        next = x - error / slope;
        if (!(next > lo && next < hi))
            next = lo + (hi - lo) / 2;
        if (fabs(next - x) <= 1e-15 * x || next == lo || next == hi)
            return next;
        x = next;
    }
    return x;
}

void
confidence_interval(double *low, double *high, double k, double n, double level)
{
    double alpha = 1 - level;

    *low = k <= 0 ? 0 : confidence_beta_quantile(alpha / 2, k, n - k + 1);
    *high = k >= n ? 1 : confidence_beta_quantile(1 - alpha / 2, k + 1, n - k);
}
