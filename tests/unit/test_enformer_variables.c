/* SPDX-License-Identifier: MIT */
/* The spellings of Enformer's TensorFlow variables. */
#include "check.h"
#include "oracle/enformer_variables.h"

/* As the released code has it, with every scope twice, and as in the published SavedModel. */
static const char *const wanted[] = {
    "trunk/stem/conv1_d/w",
    "trunk/stem/pointwise_conv_block/cross_replica_batch_norm/scale",
    "trunk/stem/pointwise_conv_block/cross_replica_batch_norm/moving_mean/average",
    "trunk/stem/pointwise_conv_block/cross_replica_batch_norm/moving_variance/average",
    "trunk/stem/softmax_pooling/linear/w",
    "trunk/conv_tower/conv_tower_block_3/conv_block/conv1_d/b",
    "trunk/transformer/transformer_block_10/mha/layer_norm/offset",
    "trunk/transformer/transformer_block_10/mha/attention_10/q_layer/w",
    "trunk/transformer/transformer_block_10/mha/attention_10/r_w_bias",
    "trunk/transformer/transformer_block_10/mlp/linear/w",
    "heads/head_human/linear/w",
};
static const char *const spelled[][ARRAY_LEN(wanted)] = { {
    "enformer/trunk/stem/conv1_d/w",
    "enformer/trunk/stem/pointwise_conv_block/cross_replica_batch_norm/scale",
    "enformer/trunk/stem/pointwise_conv_block/exponential_moving_average/average",
    "enformer/trunk/stem/pointwise_conv_block/exponential_moving_average/average",
    "enformer/trunk/stem/softmax_pooling/linear/w",
    "enformer/trunk/conv_tower/conv_tower_block_3/conv_block/conv1_d/b",
    "enformer/trunk/transformer/transformer_block_10/mha/layer_norm/offset",
    "enformer/trunk/transformer/transformer_block_10/mha/attention_10/q_layer/w",
    "enformer/trunk/transformer/transformer_block_10/mha/attention_10/r_w_bias",
    "enformer/trunk/transformer/transformer_block_10/mlp/linear/w",
    "enformer/heads/head_human/linear/w",
}, {
    "enformer/trunk/stem/stem/conv1_d/w:0",
    "enformer/trunk/stem/stem/pointwise_conv_block/pointwise_conv_block/batch_norm/scale:0",
    "enformer/trunk/stem/stem/pointwise_conv_block/pointwise_conv_block/batch_norm/moving_mean/"
    "average:0",
    "enformer/trunk/stem/stem/pointwise_conv_block/pointwise_conv_block/batch_norm/"
    "moving_variance/average:0",
    "enformer/trunk/stem/stem/softmax_pooling/linear/w:0",
    "enformer/trunk/conv_tower/conv_tower/conv_tower_block_3/conv_tower_block_3/conv_block/"
    "conv_block/conv1_d/b:0",
    "enformer/trunk/transformer/transformer/transformer_block_10/transformer_block_10/mha/mha/"
    "layer_norm/offset:0",
    "enformer/trunk/transformer/transformer/transformer_block_10/transformer_block_10/mha/mha/"
    "attention_10/q_layer/w:0",
    "enformer/trunk/transformer/transformer/transformer_block_10/transformer_block_10/mha/mha/"
    "attention_10/r_w_bias:0",
    "enformer/trunk/transformer/transformer/transformer_block_10/transformer_block_10/mlp/mlp/"
    "linear/w:0",
    "enformer/heads/head_human/head_human/linear/w:0",
}, {
    "seqnn/trunk/stem/conv1_d/w",
    "seqnn/trunk/stem/pointwise_conv_block/normalization/cross_replica_batch_norm/scale",
    "seqnn/trunk/stem/pointwise_conv_block/normalization/exponential_moving_average/average",
    "seqnn/trunk/stem/pointwise_conv_block/normalization/exponential_moving_average/average",
    "seqnn/trunk/stem/pooling/softmax_pooling/linear/w",
    "seqnn/trunk/downres/downres_block_3/conv_block/conv1_d/b",
    "seqnn/trunk/transformer/transformer_block_10/mha/normalization/layer_norm/offset",
    "seqnn/trunk/transformer/transformer_block_10/mha/multihead_attention/q_layer/linear/w",
    "seqnn/trunk/transformer/transformer_block_10/mha/multihead_attention/r_w_bias",
    "seqnn/trunk/transformer/transformer_block_10/mlp/linear/w",
    "seqnn/heads/head_human/linear/w",
} };

static void
test_spelling(const char *const *names)
{
    struct tensor t[ARRAY_LEN(wanted) + 1];
    struct weights w = { .tensor = t, .n_tensor = ARRAY_LEN(t) };
    struct enformer_variables *v;

    memset(t, 0, sizeof t);
    for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
        t[i] = (struct tensor){ .name = "key", .variable = (char *)names[i] };
    t[2].held_as = "7/all_variables\nmoving_mean/average";
    t[3].held_as = "moving_variance/average";
    t[ARRAY_LEN(wanted)] = t[9];                /* the block's second dense layer */
    CHECK(enformer_variables_are_in(&w), "%s is not taken for Enformer's", names[0]);
    v = enformer_variables_new(&w);
    for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
        CHECK(enformer_variables_find(v, wanted[i], 0) == &t[i], "'%s' is not found as '%s'",
              names[i], wanted[i]);
    CHECK(enformer_variables_find(v, wanted[9], 1) == &t[ARRAY_LEN(wanted)], "the second");
    CHECK(enformer_variables_find(v, wanted[9], 2) == NULL, "a third");
    CHECK(enformer_variables_find(v, wanted[0], 1) == NULL, "a second");
    enformer_variables_free(v);
}

/* A moving average whose owner is not known is neither mean nor variance. */
static void
test_unknown(void)
{
    struct tensor t[] = {
        { .name = "enformer/trunk/stem/pointwise_conv_block/exponential_moving_average/average" },
        { .name = "trunk" }, { .name = "" }, { .name = "a/b" }, { .name = "////:0" },
    };
    struct weights w = { .tensor = t, .n_tensor = ARRAY_LEN(t) };
    struct enformer_variables *v = enformer_variables_new(&w);

    CHECK(!enformer_variables_are_in(&w), "is taken for Enformer's");
    CHECK(enformer_variables_find(v, wanted[2], 0) == NULL, "a mean");
    CHECK(enformer_variables_find(v, wanted[3], 0) == NULL, "a variance");
    enformer_variables_free(v);
}

int
main(void)
{
    for (size_t i = 0; i < ARRAY_LEN(spelled); i++)
        test_spelling(spelled[i]);
    test_unknown();
    return check_done();
}
