/* SPDX-License-Identifier: MIT */
#include "background/schema.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "prog/mem.h"
#include "score/layer.h"

static const char *
skip_blanks(const char *p)
{
    return p + strspn(p, " \t\r\n");
}

/* Behind the string that begins at p, or NULL. */
static const char *
skip_string(const char *p)
{
    for (p++; *p && *p != '"'; p++)
        if (*p == '\\' && *++p == '\0')
            return NULL;
    return *p ? p + 1 : NULL;
}

/* Behind the value that begins at p: to the comma or bracket of its level. */
static const char *
skip_value(const char *p)
{
    int depth = 0;

    for (;;) {
        p += strcspn(p, "\"[]{},");
        if (!*p || (depth == 0 && (*p == ',' || *p == '}' || *p == ']')))
            return *p ? p : NULL;
        if (*p == '"') {
            p = skip_string(p);
            if (!p)
                return NULL;
            continue;
        }
        depth += *p == '[' || *p == '{';
        depth -= *p == ']' || *p == '}';
        p++;
    }
}

/* A field of the outermost object: its name without quotes, and its value as it stands. */
struct field {
    const char *name, *value;
    size_t n_name, n_value;
};

enum { FIELDS_MAX = 128 };

/* The fields in the order they stand; fewer when the text is damaged there. */
static size_t
split_fields(struct field field[FIELDS_MAX], const char *config)
{
    const char *p = skip_blanks(config), *end;
    size_t n = 0;

    if (*p != '{')
        return 0;
    p = skip_blanks(p + 1);
    while (*p == '"' && n < FIELDS_MAX && (end = skip_string(p)) != NULL) {
        field[n].name = p + 1;
        field[n].n_name = (size_t)(end - p) - 2;
        end = skip_blanks(end);
        if (*end != ':')
            break;
        p = skip_blanks(end + 1);
        end = skip_value(p);
        if (!end)
            break;
        field[n].value = p;
        field[n++].n_value = (size_t)(end - p);
        p = skip_blanks(end + (*end == ','));
    }
    return n;
}

struct fields {
    struct field field[FIELDS_MAX];
    size_t n;
};

/* Value of a field, a new reference; NULL when it is absent or damaged. */
static json_t *
get_field(const struct fields *f, const char *key)
{
    for (size_t i = 0; i < f->n; i++)
        if (strlen(key) == f->field[i].n_name &&
            memcmp(key, f->field[i].name, f->field[i].n_name) == 0)
            return json_loadb(f->field[i].value, f->field[i].n_value, JSON_DECODE_ANY, NULL);
    return NULL;
}

static long long
get_integer(const struct fields *f, const char *key)
{
    json_t *v = get_field(f, key);
    long long n = json_is_integer(v) ? (long long)json_integer_value(v) : 0;

    json_decref(v);
    return n;
}

/* A field as text: strings as they are, the rest as JSON; NULL when absent.  Caller frees. */
static char *
get_text(const struct fields *f, const char *key)
{
    json_t *v = get_field(f, key);
    char *text = !v ? NULL : json_is_string(v) ? mem_strdup(json_string_value(v))
                                                : json_dumps(v, JSON_ENCODE_ANY | JSON_COMPACT);

    json_decref(v);
    return text;
}

static void
add_warning(struct schema_warnings *w, char *text)
{
    if (w->n < SCHEMA_WARNINGS)
        w->text[w->n++] = text;
    else
        free(text);
}

void
schema_warnings_free(struct schema_warnings *w)
{
    for (size_t i = 0; i < w->n; i++)
        free(w->text[i]);
    w->n = 0;
}

static int
check_version(struct schema_warnings *w, const struct background *b, const struct fields *f,
              bool allow_old, struct err *e)
{
    long long version = get_integer(f, "schema_version");
    const char *path = b->zip->path;

    if (version < SCHEMA_VERSION && !allow_old)
        return err_set(e, "%s: is superseded (schema_version %lld, expected %d); older builds "
                       "lost part of their tails, get or build the current file", path, version,
                       SCHEMA_VERSION);
    if (version < SCHEMA_VERSION)
        add_warning(w, mem_printf("%s: is superseded (schema_version %lld, expected %d); its "
                                  "tails may be cut short", path, version, SCHEMA_VERSION));
    if (version > SCHEMA_VERSION)
        add_warning(w, mem_printf("%s: has schema_version %lld, newer than the %d known here; "
                                  "what it adds is not checked", path, version, SCHEMA_VERSION));
    return 0;
}

/* The plain name of cherimoya is its fold 0; all folds together have a name of their own. */
static int
check_fold(const struct background *b, const struct fields *f, struct err *e)
{
    char *oracle = get_text(f, "oracle"), *fold = get_text(f, "fold");
    const char *want = NULL;
    int status = 0;

    if (oracle && strcmp(oracle, "cherimoya") == 0)
        want = "0";
    else if (oracle && strcmp(oracle, "cherimoya_ensemble") == 0)
        want = "ensemble";
    if (want && fold && strcmp(fold, want) != 0)
        status = err_set(e, "%s: is of fold %s, but %s is fold %s; effects of another fold differ "
                         "by up to a factor of two, use the file of that fold", b->zip->path, fold,
                         oracle, want);
    free(oracle);
    free(fold);
    return status;
}

static void
check_window(struct schema_warnings *w, const struct background *b, const struct fields *f,
             const char *key, const char *layer)
{
    long long found = get_integer(f, key);
    long long want = layer_find(layer)->window_bp;

    if (found && found != want)
        add_warning(w, mem_printf("%s: %s is %lld, but %s is scored over %lld bp here",
                                  b->zip->path, key, found, layer, want));
}

static void
check_retention(struct schema_warnings *w, const struct background *b)
{
    for (int k = 0; k < SCORE_KINDS; k++)
        if (b->kind[k].present && !b->kind[k].retained)
            add_warning(w, mem_printf("%s: does not say how many %s values were retained (no "
                                      "%s_retained); its tails may be cut short", b->zip->path,
                                      score_kind_name[k], score_kind_name[k]));
}

/*
 * The fields up to schema_version, or all.  Keys are sorted, so when a later one is complete in
 * the beginning of the text, the rest need not be unpacked.  *text holds what fields point to.
 */
static int
read_fields(struct fields *f, char **text, const struct background *b, struct err *e)
{
    static const char last[] = "schema_version";
    bool whole;

    *text = background_config_head(b, &whole, e);
    if (!*text)
        return -1;
    f->n = split_fields(f->field, *text);
    if (whole || (f->n && strncmp(f->field[f->n - 1].name, last, sizeof last - 1) >= 0))
        return 0;
    free(*text);
    *text = background_config(b, e);
    if (!*text)
        return -1;
    f->n = split_fields(f->field, *text);
    return 0;
}

static int
check_fields(struct schema_warnings *w, const struct background *b, const struct fields *f,
             const char *text, bool allow_old, struct err *e)
{
    if (!*text) {
        add_warning(w, mem_printf("%s: does not say how it was made (no build_config); that it "
                                  "fits the scores cannot be checked", b->zip->path));
        return 0;
    }
    if (*skip_blanks(text) != '{')
        return err_set(e, "%s: build_config is not a JSON object; the file is damaged, build it "
                       "again", b->zip->path);
    if (check_version(w, b, f, allow_old, e) || check_fold(b, f, e))
        return -1;
    check_window(w, b, f, "histone_window_bp", "histone_marks");
    check_window(w, b, f, "other_window_bp", "tf_binding");
    return 0;
}

int
schema_check(struct schema_warnings *w, const struct background *b, bool allow_old, struct err *e)
{
    struct fields f;
    char *text;
    int status;

    w->n = 0;
    if (read_fields(&f, &text, b, e))
        return -1;
    check_retention(w, b);
    status = check_fields(w, b, &f, text, allow_old, e);
    free(text);
    return status;
}

int
schema_expect(const struct background *b, const char *expected, struct err *e)
{
    size_t n = strcspn(expected, "=");
    char *key = mem_strndup(expected, n), *text = background_config(b, e), *found = NULL;
    const char *want = expected[n] ? expected + n + 1 : "";
    struct fields f;
    int status = -1;

    if (text) {
        f.n = split_fields(f.field, text);
        found = get_text(&f, key);
        status = found && strcmp(found, want) == 0 ? 0 :
                 err_set(e, "%s: %s is %s, expected %s; name the background that was meant",
                         b->zip->path, key, found ? found : "not recorded", want);
    }
    free(found);
    free(text);
    free(key);
    return status;
}

char *
schema_oracle(const struct background *b, struct err *e)
{
    struct fields f;
    char *text, *oracle;

    if (read_fields(&f, &text, b, e))
        return NULL;
    oracle = get_text(&f, "oracle");
    free(text);
    return oracle ? oracle : mem_strdup("");
}
