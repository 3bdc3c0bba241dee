/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "weights/weights.h"

static void
print_shape(FILE *f, const struct tensor *t)
{
    if (t->ndim == 0)
        fputs("scalar", f);
    for (int i = 0; i < t->ndim; i++)
        fprintf(f, "%s%zu", i ? "," : "", t->shape[i]);
}

static void
print_tensor(FILE *f, const struct tensor *t)
{
    fprintf(f, "tensor\t%s\t%s\t", t->name, element_name(t->dtype));
    print_shape(f, t);
    if (t->offset == TENSOR_NO_OFFSET)
        fputs("\t.", f);
    else
        fprintf(f, "\t%" PRIu64, t->offset);
    fprintf(f, "\t%zu\t%s\n", t->count, t->path ? t->path : ".");
}

/* Tensors and parameters of each type that occurs. */
static void
print_totals(FILE *f, const struct weights *w)
{
    size_t all = 0;

    for (int type = 0; type <= ELEMENT_BOOL; type++) {
        size_t n = 0, count = 0;

        for (size_t i = 0; i < w->n_tensor; i++) {
            if ((int)w->tensor[i].dtype != type)
                continue;
            n++;
            count += w->tensor[i].count;
        }
        if (n)
            fprintf(f, "stored\t%s\t%zu tensors\t%zu parameters\n",
                    element_name((enum element)type), n, count);
        all += count;
    }
    fprintf(f, "parameters\t%zu\n", all);
}

void
weights_describe(FILE *f, const struct weights *w)
{
    fprintf(f, "file\t%s\nformat\t%s\nbytes\t%" PRIu64 "\nsha256\t%s\n", w->path, w->format,
            w->bytes, w->sha256);
    if (w->class_name)
        fprintf(f, "class\t%s\n", w->class_name);
    for (size_t i = 0; i < w->n_attr; i++)
        fprintf(f, "attribute\t%s\t%" PRId64 "\n", w->attr[i].name, w->attr[i].value);
    fputs("#tensor\tname\ttype\tshape\toffset\tparameters\tpath\n", f);
    for (size_t i = 0; i < w->n_tensor; i++)
        print_tensor(f, &w->tensor[i]);
    print_totals(f, w);
}
