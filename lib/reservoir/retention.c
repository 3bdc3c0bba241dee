/* SPDX-License-Identifier: MIT */
#include "reservoir/retention.h"

#include <jansson.h>
#include <string.h>

static const char *const rule_name[] = { "all", "keyed", "R" };

/* A whole number of the object, not negative; false when it is absent or something else. */
static bool
take_number(uint64_t *v, const json_t *object, const char *key)
{
    const json_t *number = json_object_get(object, key);

    if (!json_is_integer(number) || json_integer_value(number) < 0)
        return false;
    *v = (uint64_t)json_integer_value(number);
    return true;
}

int
retention_from_meta(struct retention *r, const struct meta *m, struct err *e)
{
    const char *text = meta_get(m, "retention"), *rule;
    json_t *object;
    bool good;

    memset(r, 0, sizeof *r);
    if (!text)
        return 0;
    object = json_loads(text, 0, NULL);
    rule = json_string_value(json_object_get(object, "algorithm"));
    for (int i = RETAIN_KEYED; rule && i <= RETAIN_R; i++)
        if (strcmp(rule, rule_name[i]) == 0)
            r->rule = (enum retention_rule)i;
    good = r->rule != RETAIN_ALL && take_number(&r->capacity, object, "capacity") &&
        r->capacity > 0 && take_number(&r->tail, object, "tail") &&
        take_number(&r->seed, object, "seed");
    json_decref(object);
    if (good)
        return 0;
    return err_set(e, "retention line '%.400s' is not understood; the file is damaged, or from a "
                   "newer version", text);
}

void
retention_to_meta(const struct retention *r, struct meta *m)
{
    meta_remove(m, "retention");
    if (r->rule != RETAIN_ALL)
        meta_addf(m, "retention",
                  "{\"algorithm\":\"%s\",\"capacity\":%llu,\"seed\":%llu,\"tail\":%llu}",
                  rule_name[r->rule], (unsigned long long)r->capacity,
                  (unsigned long long)r->seed, (unsigned long long)r->tail);
}

uint64_t
retention_derive_tail(uint64_t offered, uint64_t width)
{
    /* 200 of 10,000 points, of every other width the same share, and 102 / 100 of that. */
    const unsigned __int128 wanted = (unsigned __int128)offered * 2 * 102, unit = 100 * 100;
    const uint64_t tail = (uint64_t)((wanted + unit - 1) / unit);

    if (!offered)
        return 0;
    return tail > width ? tail : width;
}

uint64_t
retention_exact_slots(uint64_t tail, uint64_t offered, uint64_t width)
{
    const uint64_t exact = tail < offered ? tail : offered;

    return offered ? (uint64_t)((unsigned __int128)exact * width / offered) : 0;
}

bool
retention_is_exact_enough(uint64_t tail, uint64_t offered, uint64_t width)
{
    return retention_exact_slots(tail, offered, width) >= width / 50;
}
