/* SPDX-License-Identifier: MIT */
#include "stream/meta.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "prog/mem.h"

void
meta_init(struct meta *m)
{
    memset(m, 0, sizeof *m);
}

void
meta_free(struct meta *m)
{
    for (size_t i = 0; i < m->n; i++) {
        free(m->line[i].key);
        free(m->line[i].value);
    }
    free(m->line);
    meta_init(m);
}

void
meta_copy(struct meta *dst, const struct meta *src)
{
    for (size_t i = 0; i < src->n; i++)
        meta_add(dst, src->line[i].key, src->line[i].value);
}

static char *
one_line(const char *value)
{
    char *copy = mem_strdup(value);

    for (char *p = copy; *p; p++)
        if (*p == '\n' || *p == '\r')
            *p = ' ';
    return copy;
}

void
meta_add(struct meta *m, const char *key, const char *value)
{
    mem_grow(&m->line, &m->cap, m->n + 1, sizeof *m->line);
    m->line[m->n].key = mem_strdup(key);
    m->line[m->n].value = one_line(value);
    m->n++;
}

void
meta_addf(struct meta *m, const char *key, const char *fmt, ...)
{
    char text[4096];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    meta_add(m, key, text);
}

void
meta_set(struct meta *m, const char *key, const char *value)
{
    for (size_t i = 0; i < m->n; i++) {
        if (strcmp(m->line[i].key, key) == 0) {
            char *copy = one_line(value);

            free(m->line[i].value);
            m->line[i].value = copy;
            return;
        }
    }
    meta_add(m, key, value);
}

void
meta_remove(struct meta *m, const char *key)
{
    size_t kept = 0;

    for (size_t i = 0; i < m->n; i++) {
        if (strcmp(m->line[i].key, key) == 0) {
            free(m->line[i].key);
            free(m->line[i].value);
        } else {
            m->line[kept++] = m->line[i];
        }
    }
    m->n = kept;
}

const char *
meta_get(const struct meta *m, const char *key)
{
    return meta_get_nth(m, key, 0);
}

const char *
meta_get_nth(const struct meta *m, const char *key, size_t i)
{
    for (size_t j = 0; j < m->n; j++)
        if (strcmp(m->line[j].key, key) == 0 && i-- == 0)
            return m->line[j].value;
    return NULL;
}

char *
meta_format(const struct meta *m)
{
    size_t bytes = 1;
    char *text, *p;

    for (size_t i = 0; i < m->n; i++)
        bytes += strlen(m->line[i].key) + strlen(m->line[i].value) + 2;
    p = text = mem_alloc(bytes);
    for (size_t i = 0; i < m->n; i++)
        p += sprintf(p, "%s=%s\n", m->line[i].key, m->line[i].value);
    *p = '\0';
    return text;
}

int
meta_parse(struct meta *m, const char *text, size_t bytes, struct err *e)
{
    const char *end;

    if (bytes == 0)
        return 0;               /* text may be NULL */
    end = text + bytes;
    if (memchr(text, '\0', bytes))
        return err_set(e, "metadata contains a NUL byte; the file is damaged");
    while (text < end) {
        const char *nl = memchr(text, '\n', (size_t)(end - text));
        const char *stop = nl ? nl : end;
        const char *eq = memchr(text, '=', (size_t)(stop - text));
        char *key, *value;

        if (!eq || eq == text)
            return err_set(e, "metadata line '%.*s' is not KEY=VALUE; the file is damaged",
                           (int)(stop - text < 60 ? stop - text : 60), text);
        key = mem_strndup(text, (size_t)(eq - text));
        value = mem_strndup(eq + 1, (size_t)(stop - eq - 1));
        meta_add(m, key, value);
        free(key);
        free(value);
        text = stop + 1;
    }
    return 0;
}

/* "##bcftools_viewCommand=view -i ...; Date=Fri ..." as a chain entry, or false. */
static bool
parse_bcftools(struct meta *m, const char *line)
{
    static const char prefix[] = "##bcftools_", tail[] = "Command=";
    const char *name = line + sizeof prefix - 1, *command, *date;
    size_t n_entries = 0;
    char *cl, *id, *text;
    json_t *entry;

    if (strncmp(line, prefix, sizeof prefix - 1) != 0 || !(command = strstr(name, tail)))
        return false;
    command += sizeof tail - 1;
    date = strstr(command, "; Date=");
    cl = date ? mem_strndup(command, (size_t)(date - command)) : mem_strdup(command);
    while (meta_get_nth(m, "prov", n_entries))
        n_entries++;
    id = mem_printf("%zu:bcftools", n_entries + 1);
    entry = json_pack("{s:s, s:s, s:s}", "id", id, "pn", "bcftools", "cl", cl);
    text = entry ? json_dumps(entry, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    if (text)
        meta_add(m, "prov", text);
    free(text);
    json_decref(entry);
    free(id);
    free(cl);
    return text != NULL;
}

bool
meta_parse_text(struct meta *m, const char *line)
{
    static const char prefix[] = META_TEXT_PREFIX;
    const char *body = line + sizeof prefix - 1, *eq;
    char *key, *value;

    if (strncmp(line, prefix, sizeof prefix - 1) != 0)
        return parse_bcftools(m, line);
    eq = strchr(body, '=');
    if (!eq || eq == body)
        return false;
    key = mem_strndup(body, (size_t)(eq - body));
    value = mem_strndup(eq + 1, strcspn(eq + 1, "\r\n"));
    meta_add(m, key, value);
    free(key);
    free(value);
    return true;
}

void
meta_write_text(FILE *fp, const struct meta *m)
{
    for (size_t i = 0; i < m->n; i++)
        fprintf(fp, META_TEXT_PREFIX "%s=%s\n", m->line[i].key, m->line[i].value);
}
