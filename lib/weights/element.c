/* SPDX-License-Identifier: MIT */
#include "weights/element.h"

#include <math.h>
#include <string.h>

static const size_t width[] = {
    [ELEMENT_F2] = 2, [ELEMENT_BF2] = 2, [ELEMENT_F4] = 4, [ELEMENT_F8] = 8, [ELEMENT_I1] = 1,
    [ELEMENT_I2] = 2, [ELEMENT_I4] = 4, [ELEMENT_I8] = 8, [ELEMENT_U1] = 1, [ELEMENT_BOOL] = 1,
};

size_t
element_bytes(enum element type)
{
    return width[type];
}

/* IEEE 754 binary16: 1 sign bit, 5 exponent bits of bias 15, 10 fraction bits. */
static float
half_to_float(uint16_t h)
{
    int exponent = h >> 10 & 31, fraction = h & 1023;
    float v;

    if (exponent == 31)
        v = fraction ? NAN : INFINITY;
    else if (exponent == 0)
        v = ldexpf((float)fraction, -24);
    else
        v = ldexpf((float)(fraction + 1024), exponent - 25);
    return h & 0x8000 ? -v : v;
}

static float
bfloat_to_float(uint16_t b)
{
    uint32_t bits = (uint32_t)b << 16;
    float v;

    memcpy(&v, &bits, sizeof v);
    return v;
}

#define CASE(type, ctype, convert)                                                                \
    case type:                                                                                    \
        for (size_t i = 0; i < n; i++) {                                                          \
            ctype v;                                                                              \
            memcpy(&v, p + i * step * sizeof v, sizeof v);                                        \
            out[i] = convert(v);                                                                  \
        }                                                                                         \
        break

void
element_to_float(float *out, const void *in, enum element type, size_t n, size_t step)
{
    const uint8_t *p = in;

    switch (type) {
    CASE(ELEMENT_F2, uint16_t, half_to_float);
    CASE(ELEMENT_BF2, uint16_t, bfloat_to_float);
    CASE(ELEMENT_F4, float, (float));
    CASE(ELEMENT_F8, double, (float));
    CASE(ELEMENT_I1, int8_t, (float));
    CASE(ELEMENT_I2, int16_t, (float));
    CASE(ELEMENT_I4, int32_t, (float));
    CASE(ELEMENT_I8, int64_t, (float));
    CASE(ELEMENT_U1, uint8_t, (float));
    CASE(ELEMENT_BOOL, uint8_t, 0 != );
    }
}
