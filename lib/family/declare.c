/* SPDX-License-Identifier: MIT */
#include "family/declare.h"

#include <stdio.h>
#include <string.h>

static const struct declaration *const all[] = {
#define FAMILY(name) &declared_##name,
#include "family/list.h"
#undef FAMILY
};

const struct declaration *const *
declaration_list(size_t *n)
{
    *n = ARRAY_LEN(all);
    return all;
}

const struct declaration *
declaration_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        if (strcmp(all[i]->name, name) == 0)
            return all[i];
    return NULL;
}

/* "a, b, c" of all, or of those with a preset. */
static const char *
names(char *text, size_t size, bool with_preset)
{
    size_t used = 0;

    *text = '\0';
    for (size_t i = 0; i < ARRAY_LEN(all) && used < size; i++)
        if (!with_preset || all[i]->preset.snps)
            used += (size_t)snprintf(text + used, size - used, "%s%s", used ? ", " : "",
                                     all[i]->name);
    return text;
}

const char *
declaration_names(void)
{
    static char text[1024];

    return names(text, sizeof text, false);
}

const struct preset *
preset_find(const char *name)
{
    const struct declaration *d = declaration_find(name);

    return d && d->preset.snps ? &d->preset : NULL;
}

const char *
preset_names(void)
{
    static char text[1024];

    return names(text, sizeof text, true);
}
