/* SPDX-License-Identifier: MIT */
#include "oracle/preset.h"

#include <string.h>

/*
 * What the samplers keep of the recipes' numbers, hg38 and GENCODE v48 given: unified 17,909 of
 * 18,000 SNPs for every oracle that has it; the scored of the baselines, 29,004 of 29,500 for sei.
 */
static const struct preset presets[] = {
    { "bpnet", "accessibility", "baseline-34500", false, -1, 32 },
    { "borzoi", "unified", "baseline-31500", false, -1, 32 },
    { "cherimoya", "accessibility", "baseline-34500", false, -1, 32 },
    { "chrombpnet", "accessibility", "baseline-34500", false, -1, 32 },
    { "enformer", "unified", "baseline-31500", false, -1, 32 },
    { "epinformerseq", "unified", "baseline-34500", true, 2026, 0 },
    { "legnet", "promoter", "baseline-29500", true, -1, 0 },
    { "multimolecule", "accessibility", "baseline-34500", false, -1, 32 },
    { "sei", "unified", "baseline-29500", true, -1, 0 },
};

const struct preset *
preset_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(presets); i++)
        if (strcmp(presets[i].name, name) == 0)
            return &presets[i];
    return NULL;
}

const char *
preset_names(void)
{
    return "bpnet, borzoi, cherimoya, chrombpnet, enformer, epinformerseq, legnet, multimolecule, "
           "sei";
}
