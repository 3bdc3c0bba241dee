/* SPDX-License-Identifier: MIT */
/* Datasets and text attributes of HDF5 files, checked against the file before they are read. */
#ifndef PT_WEIGHTS_HDF5_DATA_H
#define PT_WEIGHTS_HDF5_DATA_H

#include <hdf5.h>

#include "weights/weights.h"

/*
 * The dataset as a tensor of that name, when it is of floats (2, 4 or 8 bytes) and not empty;
 * otherwise nothing is added.  Refused: storage outside of the file, filters (compression), and
 * shapes that need more bytes than the file has for them.
 */
int hdf5_add_dataset(struct weights *w, hid_t dataset, const char *name, struct err *e);

/* The text of an attribute of the root group, or NULL when there is none, into *text. */
int hdf5_read_text(char **text, hid_t file, const char *attribute, struct err *e);

#endif
