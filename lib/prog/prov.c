/* SPDX-License-Identifier: MIT */
#include "prog/prov.h"

#include <stdlib.h>

#include "prog/die.h"
#include "prog/mem.h"
#include "prog/opt.h"

void
prov_append(struct meta *m, json_t *extra)
{
    const char *cl = opt_command_line(), *last = NULL;
    json_t *entry, *previous = NULL;
    size_t n = 0;
    char *id, *text;

    if (!cl) {
        json_decref(extra);
        return;
    }
    while ((last = meta_get_nth(m, "prov", n)) != NULL) {
        json_decref(previous);
        previous = json_loads(last, 0, NULL);
        n++;
    }
    id = mem_printf("%zu:%s", n + 1, prog_name);
    entry = json_pack("{s:s, s:s, s:s, s:s}", "id", id, "pn", prog_name, "vn", prog_version,
                      "cl", cl);
    if (!entry)
        die("cannot record provenance: the command line is not valid UTF-8; rename the files or "
            "use --no-provenance");
    if (json_object_get(previous, "id"))
        json_object_set(entry, "pp", json_object_get(previous, "id"));
    if (extra)
        json_object_update(entry, extra);
    text = json_dumps(entry, JSON_COMPACT | JSON_SORT_KEYS);
    meta_add(m, "prov", text);
    free(text);
    free(id);
    json_decref(entry);
    json_decref(previous);
    json_decref(extra);
}

json_t *
prov_chain(const struct meta *m)
{
    json_t *chain = json_array();
    const char *text;

    for (size_t i = 0; (text = meta_get_nth(m, "prov", i)) != NULL; i++) {
        json_t *entry = json_loads(text, 0, NULL);

        json_array_append_new(chain, entry ? entry : json_string(text));
    }
    return chain;
}
