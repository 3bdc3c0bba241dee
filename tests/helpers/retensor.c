/* SPDX-License-Identifier: MIT */
/*
 * retensor - copy the tensors of any weight file into a safetensors or npz file, without wrappers
 * and changed.
 *
 *   retensor IN OUT.safetensors|OUT.npz [CHANGE]...
 *
 *   under=PREFIX        PREFIX before every name that is copied by now
 *   copy=PREFIX         every tensor once more, under that prefix
 *   also=NAME,2,3       a tensor of that shape more, of ones
 *   drop=NAME           one tensor less
 *   set=KEY,NUMBER      a whole number of the metadata (safetensors)
 *
 * Changes are made in their order.  Values become float32, numbers of a configuration stay where
 * they are whole.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "npz/npz_write.h"
#include "prog/die.h"
#include "prog/fio.h"
#include "prog/mem.h"
#include "weights/unwrap.h"

struct item {
    char *name;
    int ndim;
    size_t shape[TENSOR_MAX_DIM], count;
    float *data;                    /* shared by copies; the program is short */
};

struct list {
    struct item *item;
    size_t n;
};

static struct item *
append(struct list *l, const struct item *i)
{
    l->item = mem_resize(l->item, l->n + 1, sizeof *l->item);
    l->item[l->n] = *i;
    return &l->item[l->n++];
}

static struct list
read_tensors(const struct weights *w)
{
    struct list l = { NULL, 0 };
    struct err e;

    for (size_t k = 0; k < w->n_tensor; k++) {
        const struct tensor *t = &w->tensor[k];
        struct item i = { mem_strdup(t->name), t->ndim, { 0 }, t->count,
                          mem_array(t->count + 1, sizeof(float)) };

        memcpy(i.shape, t->shape, sizeof i.shape);
        if (weights_copy(w, i.data, t, &e))
            die_err(&e);
        append(&l, &i);
    }
    return l;
}

static void
add_ones(struct list *l, char *what)
{
    struct item i = { .count = 1 };

    i.name = mem_strdup(strsep(&what, ","));
    for (char *size; (size = strsep(&what, ",")) != NULL && i.ndim < TENSOR_MAX_DIM;) {
        i.shape[i.ndim] = strtoul(size, NULL, 10);
        i.count *= i.shape[i.ndim++];
    }
    i.data = mem_array(i.count + 1, sizeof *i.data);
    for (size_t k = 0; k < i.count; k++)
        i.data[k] = 1;
    append(l, &i);
}

static void
drop(struct list *l, const char *name)
{
    size_t n = 0;

    for (size_t i = 0; i < l->n; i++)
        if (strcmp(l->item[i].name, name) != 0)
            l->item[n++] = l->item[i];
    if (n == l->n)
        die("no tensor '%s'", name);
    l->n = n;
}

/* prefix before the names of items [from, to), of which copies are made first if asked for. */
static void
put_under(struct list *l, const char *prefix, bool copy)
{
    size_t n = l->n;

    for (size_t i = 0; i < n; i++) {
        struct item made = l->item[i];

        made.name = mem_printf("%s%s", prefix, made.name);
        if (copy)
            append(l, &made);
        else
            l->item[i] = made;
    }
}

static void
change(struct list *l, char **metadata, char *text)
{
    char *value = strchr(text, '='), *number;

    if (!value)
        die_usage("a change is under=, copy=, also=, drop= or set=, got '%s'", text);
    *value++ = '\0';
    if (strcmp(text, "under") == 0 || strcmp(text, "copy") == 0) {
        put_under(l, value, *text == 'c');
    } else if (strcmp(text, "also") == 0) {
        add_ones(l, value);
    } else if (strcmp(text, "drop") == 0) {
        drop(l, value);
    } else if (strcmp(text, "set") == 0 && (number = strchr(value, ',')) != NULL) {
        *number++ = '\0';
        *metadata = mem_printf("%s%s\"%s\":\"%s\"", *metadata, **metadata ? "," : "", value,
                               number);
    } else {
        die_usage("no change '%s'", text);
    }
}

static void
print_shape(FILE *fp, const struct item *i)
{
    for (int k = 0; k < i->ndim; k++)
        fprintf(fp, "%s%zu", k ? "," : "", i->shape[k]);
}

/* The length of the header, the header, values; padded with spaces to a multiple of eight. */
static void
write_safetensors(FILE *fp, const struct list *l, const char *metadata)
{
    size_t n = 0, at = 0;
    char *header = NULL;
    FILE *out = open_memstream(&header, &n);
    uint8_t length[8];

    fprintf(out, "{\"__metadata__\":{%s}", metadata);
    for (size_t k = 0; k < l->n; k++) {
        size_t bytes = l->item[k].count * sizeof(float);

        fprintf(out, ",\"%s\":{\"dtype\":\"F32\",\"shape\":[", l->item[k].name);
        print_shape(out, &l->item[k]);
        fprintf(out, "],\"data_offsets\":[%zu,%zu]}", at, at + bytes);
        at += bytes;
    }
    fputc('}', out);
    fflush(out);
    while (n % 8) {
        fputc(' ', out);
        fflush(out);
    }
    fclose(out);
    for (int i = 0; i < 8; i++)
        length[i] = (uint8_t)(n >> 8 * i);
    fwrite(length, 1, sizeof length, fp);
    fwrite(header, 1, n, fp);
    for (size_t k = 0; k < l->n; k++)
        fwrite(l->item[k].data, sizeof(float), l->item[k].count, fp);
    free(header);
}

static void
write_npz(FILE *fp, const char *path, const struct list *l)
{
    struct npz_writer *w = npz_create(fp, path, 1);
    struct err e;

    for (size_t k = 0; k < l->n; k++) {
        const struct item *i = &l->item[k];
        struct npy a = { .kind = 'f', .item = 4, .ndim = i->ndim, .count = i->count };

        memcpy(a.shape, i->shape, sizeof i->shape);
        if (npz_add(w, i->name, &a, i->data, &e))
            die_err(&e);
    }
    if (npz_finish(w, &e))
        die_err(&e);
}

int
main(int argc, char **argv)
{
    char *metadata = mem_strdup(""), *end;
    struct weights *w;
    struct list l;
    struct err e;
    FILE *fp;

    prog_name = "retensor";
    if (argc < 3)
        die_usage("retensor IN OUT [CHANGE]...");
    w = weights_open(argv[1], &e);
    if (!w || weights_unwrap(w, NULL, &e))
        die_err(&e);
    l = read_tensors(w);
    for (size_t i = 0; i < w->n_attr; i++)
        if (w->attr[i].is_whole)
            metadata = mem_printf("%s%s\"%s\":\"%" PRId64 "\"", metadata, *metadata ? "," : "",
                                  w->attr[i].name, w->attr[i].value);
    for (int i = 3; i < argc; i++)
        change(&l, &metadata, argv[i]);
    fp = fopen(argv[2], "wb");
    if (!fp)
        die("%s: cannot open", argv[2]);
    end = strrchr(argv[2], '.');
    if (end && strcmp(end, ".npz") == 0)
        write_npz(fp, argv[2], &l);
    else
        write_safetensors(fp, &l, metadata);
    if (fclose(fp))
        die("%s: cannot write", argv[2]);
    return EXIT_OK;
}
