/* SPDX-License-Identifier: MIT */
#include "weights/hdf5_data.h"

#include <stdlib.h>
#include <string.h>

#include "prog/mem.h"
#include "weights/reader.h"

/* What a dataset's description says; handles are closed by the caller. */
struct shape {
    int ndim;
    uint64_t dim[TENSOR_MAX_DIM];
    size_t count;
    uint64_t bytes;             /* of count elements as stored */
    uint64_t file_bytes;
};

static bool
is_float(hid_t dataset, size_t *width)
{
    hid_t type = H5Dget_type(dataset);
    bool yes = type >= 0 && H5Tget_class(type) == H5T_FLOAT;

    *width = type >= 0 ? H5Tget_size(type) : 0;
    if (type >= 0)
        H5Tclose(type);
    return yes && (*width == 2 || *width == 4 || *width == 8);
}

/* Size of the file that an object is in; 0 when it cannot be told. */
static uint64_t
file_size(hid_t object)
{
    hid_t file = H5Iget_file_id(object);
    hsize_t bytes = 0;

    if (file >= 0) {
        H5Fget_filesize(file, &bytes);
        H5Fclose(file);
    }
    return bytes;
}

/* s->count is 0 for a dataset without values. */
static int
read_shape(struct shape *s, hid_t dataset, size_t width, struct err *e)
{
    hid_t space = H5Dget_space(dataset);
    hsize_t dim[H5S_MAX_RANK];
    int r = 0;

    memset(s, 0, sizeof *s);
    if (space < 0) {
        r = err_set(e, "damaged HDF5 dataset; copy or download the file again");
    } else if (H5Sget_simple_extent_type(space) != H5S_NULL) {
        s->ndim = H5Sget_simple_extent_dims(space, dim, NULL);
        for (int i = 0; i < s->ndim && i < TENSOR_MAX_DIM; i++)
            s->dim[i] = dim[i];
        r = tensor_count(&s->count, s->ndim, s->dim, e);
    }
    s->bytes = s->count * width;
    s->file_bytes = file_size(dataset);
    if (space >= 0)
        H5Sclose(space);
    return r;
}

/* The chunk is what the library takes memory for, so it is held to the same bound. */
static int
check_chunks(hid_t plist, const struct shape *s, uint64_t limit, size_t width, struct err *e)
{
    hsize_t dim[H5S_MAX_RANK];
    int n = H5Pget_chunk(plist, H5S_MAX_RANK, dim);
    uint64_t bytes = width;
    bool over = n != s->ndim;

    for (int i = 0; i < n; i++)
        over |= __builtin_mul_overflow(bytes, (uint64_t)dim[i], &bytes);
    if (over || bytes > limit)
        return err_set(e, "HDF5 chunks of %llu bytes but at most %llu are stored; copy or download "
                       "the file again", (unsigned long long)bytes, (unsigned long long)limit);
    return 0;
}

/* Where the bytes are, and whether they can be as many as the shape declares. */
static int
check_storage(hid_t dataset, hid_t plist, const struct shape *s, size_t width, struct err *e)
{
    H5D_layout_t layout = H5Pget_layout(plist);
    uint64_t stored = H5Dget_storage_size(dataset), limit = stored;
    haddr_t offset;

    if (layout == H5D_VIRTUAL || H5Pget_external_count(plist) != 0)
        return err_set(e, "its values are in another file, which is not followed; write the model "
                       "to one file");
    /* Keras never compresses; HDF5 1.10 reads past a chunk that unpacks to less than its size. */
    if (H5Pget_nfilters(plist) != 0)
        return err_set(e, "compressed or filtered values, expected plain ones; write the file "
                       "again with h5repack -f NONE");
    if (layout == H5D_CONTIGUOUS) {
        offset = H5Dget_offset(dataset);
        if (offset == HADDR_UNDEF || offset > s->file_bytes || stored > s->file_bytes - offset)
            limit = 0;
    }
    if (s->bytes > limit || stored > s->file_bytes)
        return err_set(e, "declared shape needs %llu bytes, but only %llu of the file's %llu are "
                       "its own; copy or download the file again", (unsigned long long)s->bytes,
                       (unsigned long long)(limit ? stored : 0),
                       (unsigned long long)s->file_bytes);
    return layout == H5D_CHUNKED ? check_chunks(plist, s, limit, width, e) : 0;
}

static int
read_values(struct weights *w, hid_t dataset, const char *name, const struct shape *s,
            struct err *e)
{
    struct tensor *t = weights_add_tensor(w, name, strlen(name), s->ndim, s->dim, e);

    if (!t)
        return -1;
    if (H5Dread(dataset, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, t->data) < 0)
        return err_set(e, "HDF5 values cannot be read: damaged; copy or download the file again");
    return 0;
}

int
hdf5_add_dataset(struct weights *w, hid_t dataset, const char *name, struct err *e)
{
    struct shape s;
    size_t width;
    hid_t plist;
    int r;

    if (!is_float(dataset, &width))
        return 0;
    r = read_shape(&s, dataset, width, e);
    if (r == 0 && s.count > 0) {
        plist = H5Dget_create_plist(dataset);
        if (plist < 0)
            r = err_set(e, "damaged HDF5 dataset; copy or download the file again");
        else
            r = check_storage(dataset, plist, &s, width, e);
        if (plist >= 0)
            H5Pclose(plist);
        if (r == 0)
            r = read_values(w, dataset, name, &s, e);
    }
    return r < 0 ? err_prefix(e, "dataset '%s'", name) : 0;
}

/* Variable-length text: the library allocates it. */
static int
read_variable(char **text, hid_t attribute, hid_t type, hid_t space)
{
    hid_t memory = H5Tcopy(H5T_C_S1);
    char *s = NULL;
    int r;

    H5Tset_size(memory, H5T_VARIABLE);
    H5Tset_cset(memory, H5Tget_cset(type));
    r = H5Aread(attribute, memory, &s) < 0 || !s ? -1 : 0;
    if (r == 0) {
        *text = mem_strdup(s);
        H5Dvlen_reclaim(memory, space, H5P_DEFAULT, &s);
    }
    H5Tclose(memory);
    return r;
}

static int
read_fixed(char **text, hid_t attribute, hid_t type)
{
    size_t n = H5Tget_size(type);

    if (n > file_size(attribute))
        return -1;
    *text = mem_alloc(n + 1);
    (*text)[n] = '\0';
    if (H5Aread(attribute, type, *text) >= 0)
        return 0;
    free(*text);
    *text = NULL;
    return -1;
}

int
hdf5_read_text(char **text, hid_t file, const char *attribute, struct err *e)
{
    htri_t there = H5Aexists(file, attribute);
    hid_t a, type, space;
    int r = -1;

    *text = NULL;
    if (there == 0)
        return 0;
    a = there < 0 ? -1 : H5Aopen(file, attribute, H5P_DEFAULT);
    if (a < 0)
        return err_set(e, "damaged HDF5 attribute '%s'; copy or download the file again",
                       attribute);
    type = H5Aget_type(a);
    space = H5Aget_space(a);
    if (type >= 0 && space >= 0 && H5Tget_class(type) == H5T_STRING &&
        H5Sget_simple_extent_npoints(space) == 1)
        r = H5Tis_variable_str(type) > 0 ? read_variable(text, a, type, space)
                                         : read_fixed(text, a, type);
    H5Sclose(space);
    H5Tclose(type);
    H5Aclose(a);
    if (r < 0)
        return err_set(e, "HDF5 attribute '%s' is not one text; save the model again", attribute);
    return 0;
}
