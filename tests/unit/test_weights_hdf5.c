/* SPDX-License-Identifier: MIT */
/* HDF5 files that lead astray or declare more than they hold, made with the HDF5 library. */
#include <hdf5.h>

#include "weights/weights.h"

#include "check.h"
#include "zip_build.h"

static const char *path;
static const float values[24] = { 1, 2, 3 };

static hid_t
begin(void)
{
    return H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
}

static void
close_refuse(hid_t file, const char *reason)
{
    struct err e = { "" };
    struct weights *w;

    H5Fclose(file);
    w = weights_open(path, &e);
    CHECK(!w || weights_check(w, &e) < 0, "accepted, expected '%s'", reason);
    CHECK(strstr(e.msg, reason) && strncmp(e.msg, path, strlen(path)) == 0,
          "'%s', expected '%s'", e.msg, reason);
    weights_close(w);
}

/* A float dataset of that shape; its values are written when there are any. */
static void
add_dataset(hid_t file, const char *name, int ndim, const hsize_t *shape, hid_t plist,
            const float *data)
{
    hid_t space = H5Screate_simple(ndim, shape, NULL);
    hid_t d = H5Dcreate2(file, name, H5T_IEEE_F32LE, space, H5P_DEFAULT, plist, H5P_DEFAULT);

    CHECK(d >= 0, "cannot create %s", name);
    if (data)
        H5Dwrite(d, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, data);
    H5Dclose(d);
    H5Sclose(space);
}

static hid_t
chunked(const hsize_t *chunk, int ndim)
{
    hid_t plist = H5Pcreate(H5P_DATASET_CREATE);

    H5Pset_chunk(plist, ndim, chunk);
    return plist;
}

static void
test_links(void)
{
    static const hsize_t shape[] = { 2, 3 };
    hid_t file = begin(), group;

    add_dataset(file, "w", 2, shape, H5P_DEFAULT, values);
    H5Lcreate_soft("/w", file, "again", H5P_DEFAULT, H5P_DEFAULT);
    close_refuse(file, "'/again' is a soft or external link");
    file = begin();
    H5Lcreate_external("reference/weights/keras.h5", "/model_weights", file, "model_weights",
                       H5P_DEFAULT, H5P_DEFAULT);
    close_refuse(file, "'/model_weights' is a soft or external link");
    file = begin();
    add_dataset(file, "w", 2, shape, H5P_DEFAULT, values);
    H5Lcreate_hard(file, "/w", file, "x", H5P_DEFAULT, H5P_DEFAULT);
    close_refuse(file, "reached by two links");
    file = begin();
    group = H5Gcreate2(file, "g", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_hard(file, "/", group, "up", H5P_DEFAULT, H5P_DEFAULT);
    H5Gclose(group);
    close_refuse(file, "reached by two links");
}

static void
test_depth(void)
{
    hid_t file = begin(), at = file;

    for (int i = 0; i < 40; i++) {
        hid_t g = H5Gcreate2(at, "g", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);

        if (i > 0)
            H5Gclose(at);
        at = g;
    }
    H5Gclose(at);
    close_refuse(file, "deeper than 32");
}

/* Shapes that no value was ever stored for. */
static void
test_declared(void)
{
    static const hsize_t huge[] = { 1 << 20, 1 << 20 }, chunk[] = { 1, 16 };
    static const hsize_t nine[] = { 1, 1, 1, 1, 1, 1, 1, 1, 1 }, small[] = { 2, 2 };
    hid_t file = begin(), plist = chunked(chunk, 2);

    add_dataset(file, "w", 2, huge, plist, NULL);
    close_refuse(file, "declared shape needs 4398046511104 bytes");
    H5Pclose(plist);
    file = begin();
    add_dataset(file, "w", 2, huge, H5P_DEFAULT, NULL);
    close_refuse(file, "declared shape needs 4398046511104 bytes");
    file = begin();
    add_dataset(file, "w", 2, small, H5P_DEFAULT, NULL);
    close_refuse(file, "declared shape needs 16 bytes, but only 0 of");
    file = begin();
    add_dataset(file, "w", 9, nine, H5P_DEFAULT, values);
    close_refuse(file, "9 dimensions, expected at most 8");
    file = begin();
    close_refuse(file, "no weights in it");
}

/* The first dimension of a stored dataset made larger by editing its header. */
static void
test_edited(void)
{
    static const uint64_t shape[] = { 3, 4, 2 };
    size_t n, at = 0;
    uint8_t *data = file_load("reference/weights/keras.h5", &n);
    struct err e = { "" };

    while (at + sizeof shape <= n && memcmp(data + at, shape, sizeof shape) != 0)
        at++;
    CHECK(at < n, "no dataspace of 3 x 4 x 2");
    for (int byte = 0; byte < 8 && at < n; byte++) {
        data[at + (size_t)byte] ^= 0x40;
        file_save(path, data, n);
        CHECK(weights_open(path, &e) == NULL, "accepted with byte %d of the shape changed", byte);
        CHECK(strstr(e.msg, "shape") || strstr(e.msg, "damaged"), "%s", e.msg);
        data[at + (size_t)byte] ^= 0x40;
    }
    free(data);
}

static void
test_storage(void)
{
    static const hsize_t shape[] = { 4, 6 };
    hid_t file = begin(), plist = H5Pcreate(H5P_DATASET_CREATE);

    H5Pset_external(plist, "/etc/hostname", 0, sizeof values);
    add_dataset(file, "w", 2, shape, plist, NULL);
    close_refuse(file, "in another file");
    H5Pclose(plist);
    file = begin();
    plist = chunked(shape, 2);
    H5Pset_fletcher32(plist);
    add_dataset(file, "w", 2, shape, plist, values);
    close_refuse(file, "filter 3");
    H5Pclose(plist);
}

/* A virtual dataset over another file. */
static void
test_virtual(void)
{
    static const hsize_t shape[] = { 4, 6 };
    hid_t file = begin(), plist = H5Pcreate(H5P_DATASET_CREATE);
    hid_t space = H5Screate_simple(2, shape, NULL);

    H5Pset_virtual(plist, space, "other.h5", "/w", space);
    add_dataset(file, "w", 2, shape, plist, NULL);
    close_refuse(file, "in another file");
    H5Sclose(space);
    H5Pclose(plist);
}

static void
test_values(void)
{
    static const hsize_t shape[] = { 2 };
    static const float nan_values[] = { 1, NAN };
    static const double large = 1e300;
    hid_t file = begin(), space, d;

    add_dataset(file, "w", 1, shape, H5P_DEFAULT, nan_values);
    close_refuse(file, "tensor 'w': value 1 is nan");
    file = begin();
    space = H5Screate(H5S_SCALAR);
    d = H5Dcreate2(file, "w", H5T_IEEE_F64LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    H5Dwrite(d, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, &large);
    H5Dclose(d);
    H5Sclose(space);
    close_refuse(file, "tensor 'w': value 0 is inf");
}

static void
test_attribute(void)
{
    static const hsize_t shape[] = { 2 };
    hid_t file = begin(), space = H5Screate(H5S_SCALAR), a;
    int number = 7;

    add_dataset(file, "w", 1, shape, H5P_DEFAULT, values);
    a = H5Acreate2(file, "model_config", H5T_NATIVE_INT, space, H5P_DEFAULT, H5P_DEFAULT);
    H5Awrite(a, H5T_NATIVE_INT, &number);
    H5Aclose(a);
    H5Sclose(space);
    close_refuse(file, "'model_config' is not one text");
}

/* A dataset where the group of weights belongs. */
static void
test_no_group(void)
{
    static const hsize_t shape[] = { 2 };
    hid_t file = begin();

    add_dataset(file, "model_weights", 1, shape, H5P_DEFAULT, values);
    close_refuse(file, "a tensor name of 0 bytes");
}

int
main(void)
{
    path = scratch("hostile.h5");
    test_links();
    test_depth();
    test_declared();
    test_edited();
    test_storage();
    test_virtual();
    test_values();
    test_attribute();
    test_no_group();
    return check_done();
}
