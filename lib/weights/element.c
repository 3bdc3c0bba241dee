/* SPDX-License-Identifier: MIT */
#include "weights/element.h"

#include <math.h>
#include <string.h>

static const struct { size_t bytes; const char *name; } known[] = {
    [ELEMENT_F2] = { 2, "float16" }, [ELEMENT_BF2] = { 2, "bfloat16" },
    [ELEMENT_F4] = { 4, "float32" }, [ELEMENT_F8] = { 8, "float64" },
    [ELEMENT_I1] = { 1, "int8" }, [ELEMENT_I2] = { 2, "int16" }, [ELEMENT_I4] = { 4, "int32" },
    [ELEMENT_I8] = { 8, "int64" }, [ELEMENT_U1] = { 1, "uint8" }, [ELEMENT_U2] = { 2, "uint16" },
    [ELEMENT_U4] = { 4, "uint32" }, [ELEMENT_U8] = { 8, "uint64" }, [ELEMENT_BOOL] = { 1, "bool" },
};

size_t
element_bytes(enum element type)
{
    return known[type].bytes;
}

const char *
element_name(enum element type)
{
    return known[type].name;
}

void
element_swap(void *data, size_t width, size_t n)
{
    uint8_t *p = data;

    for (; n > 0; n--, p += width)
        for (size_t i = 0; i < width / 2; i++) {
            uint8_t swap = p[i];

            p[i] = p[width - 1 - i];
            p[width - 1 - i] = swap;
        }
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
    CASE(ELEMENT_U2, uint16_t, (float));
    CASE(ELEMENT_U4, uint32_t, (float));
    CASE(ELEMENT_U8, uint64_t, (float));
    CASE(ELEMENT_BOOL, uint8_t, 0 != );
    }
}
