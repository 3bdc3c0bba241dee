/* SPDX-License-Identifier: MIT */
#include "prog/prov.h"
#include "version_text.h"

const char prog_version[] = PT_VERSION;
