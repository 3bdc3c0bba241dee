/* SPDX-License-Identifier: MIT */
/* Lists of words, and small things that several files need. */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/buf.h"
#include "build.h"
#include "prog/die.h"
#include "prog/mem.h"

void
words_add(struct words *w, const char *text)
{
    mem_grow(&w->item, &w->cap, w->n + 2, sizeof *w->item);
    w->item[w->n++] = mem_strdup(text);
    w->item[w->n] = NULL;
}

void
words_add_all(struct words *w, const struct words *from)
{
    for (size_t i = 0; i < from->n; i++)
        words_add(w, from->item[i]);
}

void
words_free(struct words *w)
{
    for (size_t i = 0; i < w->n; i++)
        free(w->item[i]);
    free(w->item);
    memset(w, 0, sizeof *w);
}

/* One word at *p, quotes taken off; *p is moved behind it. */
static int
take_word(struct buf *b, const char **p, struct err *e)
{
    char quote = 0;

    for (; **p && (quote || (**p != ' ' && **p != '\t')); ++*p) {
        if (quote ? **p == quote : **p == '\'' || **p == '"')
            quote = quote ? 0 : **p;
        else
            buf_put_u8(b, (uint8_t)**p);
    }
    return quote ? err_set(e, "a %c is not closed", quote) : 0;
}

int
words_split(struct words *w, const char *text, struct err *e)
{
    struct buf b = { 0 };
    int status = 0;

    while (status == 0) {
        text += strspn(text, " \t");
        if (!*text)
            break;
        buf_clear(&b);
        status = take_word(&b, &text, e);
        buf_put_u8(&b, 0);
        if (status == 0)
            words_add(w, (char *)b.p);
    }
    buf_free(&b);
    return status;
}

char *
shell_quote(const char *text)
{
    static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                               "%+,-./:=@_";
    char *out, *q;

    if (*text && text[strspn(text, safe)] == '\0')
        return mem_strdup(text);
    q = out = mem_alloc(4 * strlen(text) + 3);
    *q++ = '\'';
    for (; *text; text++) {
        if (*text == '\'')
            q += sprintf(q, "'\\''");
        else
            *q++ = *text;
    }
    *q++ = '\'';
    *q = '\0';
    return out;
}

char *
folder_path(const struct build *b, const char *fmt, ...)
{
    char tail[1024], *path;
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(tail, sizeof tail, fmt, ap);
    va_end(ap);
    path = mem_printf("%s/%s", b->folder, tail);
    return path;
}

void
show_seconds(char text[32], double s)
{
    if (s < 100)
        snprintf(text, 32, "%.1f s", s);
    else if (s < 6000)
        snprintf(text, 32, "%.0f min", s / 60);
    else if (s < 48 * 3600)
        snprintf(text, 32, "%.1f h", s / 3600);
    else
        snprintf(text, 32, "%.1f days", s / 86400);
}

void
show_bytes(char text[32], double bytes)
{
    static const char *const unit[] = { "bytes", "kB", "MB", "GB", "TB" };
    size_t i = 0;

    while (bytes >= 1000 && i + 1 < ARRAY_LEN(unit)) {
        bytes /= 1000;
        i++;
    }
    snprintf(text, 32, i ? "%.1f %s" : "%.0f %s", bytes, unit[i]);
}

double
clock_now(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec + 1e-9 * (double)ts.tv_nsec;
}

bool
is_file(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

void
make_folder(const char *path)
{
    char *text = mem_strdup(path);

    for (char *p = text + 1; *p; p++) {
        if (*p != '/')
            continue;
        *p = '\0';
        mkdir(text, 0777);
        *p = '/';
    }
    if (mkdir(text, 0777) && errno != EEXIST)
        die("%s: cannot create the folder: %s", path, strerror(errno));
    free(text);
}
