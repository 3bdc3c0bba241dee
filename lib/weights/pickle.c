/* SPDX-License-Identifier: MIT */
#include "weights/pickle.h"

#include <stdlib.h>
#include <string.h>

#include "prog/mem.h"

/* A network's pickle is below 1 MB.  At up to 40 bytes per byte a hostile one takes 1.3 GB. */
enum { MAX_BYTES = 1 << 25 };

/* Opcodes of Python's pickletools; those of protocols 0 and 1 that PyTorch never writes are out. */
enum op {
    OP_MARK = '(', OP_STOP = '.', OP_POP = '0', OP_POP_MARK = '1', OP_DUP = '2',
    OP_BINFLOAT = 'G', OP_BININT = 'J', OP_BININT1 = 'K', OP_BININT2 = 'M', OP_NONE = 'N',
    OP_BINPERSID = 'Q', OP_REDUCE = 'R', OP_BINSTRING = 'T', OP_SHORT_BINSTRING = 'U',
    OP_BINUNICODE = 'X', OP_APPEND = 'a', OP_BUILD = 'b', OP_GLOBAL = 'c', OP_EMPTY_DICT = '}',
    OP_APPENDS = 'e', OP_BINGET = 'h', OP_LONG_BINGET = 'j', OP_EMPTY_LIST = ']',
    OP_BINPUT = 'q', OP_LONG_BINPUT = 'r', OP_SETITEM = 's', OP_TUPLE = 't',
    OP_EMPTY_TUPLE = ')', OP_SETITEMS = 'u',
    /* protocol 2 */
    OP_PROTO = 0x80, OP_NEWOBJ = 0x81, OP_TUPLE1 = 0x85, OP_TUPLE2 = 0x86, OP_TUPLE3 = 0x87,
    OP_NEWTRUE = 0x88, OP_NEWFALSE = 0x89, OP_LONG1 = 0x8a, OP_LONG4 = 0x8b,
    /* protocol 3 */
    OP_BINBYTES = 'B', OP_SHORT_BINBYTES = 'C',
    /* protocol 4 */
    OP_SHORT_BINUNICODE = 0x8c, OP_BINUNICODE8 = 0x8d, OP_BINBYTES8 = 0x8e, OP_EMPTY_SET = 0x8f,
    OP_ADDITEMS = 0x90, OP_FROZENSET = 0x91, OP_NEWOBJ_EX = 0x92, OP_STACK_GLOBAL = 0x93,
    OP_MEMOIZE = 0x94, OP_FRAME = 0x95,
    /* protocol 5 */
    OP_BYTEARRAY8 = 0x96
};

/* The machine: bytes still to read, value stack, positions of marks on it, memo. */
struct machine {
    struct pickle *out;
    const uint8_t *first, *p, *end;
    struct pickle_value **stack;
    size_t n_stack, cap_stack;
    size_t *mark;
    size_t n_mark, cap_mark;
    struct pickle_value **memo;
    size_t n_memo, cap_memo;    /* n_memo: entries in use, which MEMOIZE counts */
    struct err *e;
};

static int
broken(struct machine *m, const char *what)
{
    return err_set(m->e, "damaged pickle: %s before byte %zu; copy or download the file again",
                   what, (size_t)(m->p - m->first));
}

/* Values that pops may take: those above the last mark. */
static size_t
depth(const struct machine *m)
{
    return m->n_stack - (m->n_mark ? m->mark[m->n_mark - 1] : 0);
}

static int
push(struct machine *m, struct pickle_value *v)
{
    mem_grow(&m->stack, &m->cap_stack, m->n_stack + 1, sizeof *m->stack);
    m->stack[m->n_stack++] = v;
    return 1;
}

/* The value i below the top. */
static struct pickle_value *
top(const struct machine *m, size_t i)
{
    return m->stack[m->n_stack - 1 - i];
}

/* Drop the last mark; the values above it are at *item, *n of them, and off the stack. */
static int
pop_mark(struct machine *m, struct pickle_value ***item, size_t *n)
{
    if (m->n_mark == 0)
        return broken(m, "no mark");
    *n = depth(m);
    m->n_stack = m->mark[--m->n_mark];
    *item = m->stack + m->n_stack;
    return 0;
}

/* Little-endian number of n bytes, which have been counted. */
static uint64_t
take_number(struct machine *m, int n)
{
    uint64_t v = 0;

    for (int i = 0; i < n; i++)
        v |= (uint64_t)*m->p++ << 8 * i;
    return v;
}

static bool
has_bytes(const struct machine *m, uint64_t n)
{
    return (uint64_t)(m->end - m->p) >= n;
}

static int
push_integer(struct machine *m, enum pickle_type type, int64_t value)
{
    struct pickle_value *v = pickle_new_value(m->out, type);

    v->integer = value;
    return push(m, v);
}

/* A signed number of n little-endian bytes (none is zero). */
static int
push_long(struct machine *m, uint64_t n)
{
    uint64_t value;

    if (n > INT32_MAX || !has_bytes(m, n))
        return broken(m, "number cut off");
    if (n > 8) {
        m->p += n;
        return push_integer(m, PICKLE_BIG, 0);
    }
    value = take_number(m, (int)n);
    if (n > 0 && n < 8 && value >> (8 * n - 1))
        value |= UINT64_MAX << 8 * n;
    return push_integer(m, PICKLE_INT, (int64_t)value);
}

static int
push_float(struct machine *m)
{
    struct pickle_value *v = pickle_new_value(m->out, PICKLE_FLOAT);
    uint64_t bits = 0;

    for (int i = 0; i < 8; i++)         /* the one big-endian number of the format */
        bits = bits << 8 | *m->p++;
    memcpy(&v->real, &bits, sizeof bits);
    return push(m, v);
}

static struct pickle_value *
new_text(struct machine *m, const uint8_t *text, size_t n)
{
    struct pickle_value *v = pickle_new_value(m->out, PICKLE_TEXT);

    v->text = (const char *)text;
    v->n = (uint32_t)n;
    return v;
}

/* Text after a length of that many bytes. */
static int
push_text(struct machine *m, int width)
{
    uint64_t n;

    n = take_number(m, width);
    if (!has_bytes(m, n))
        return broken(m, "text cut off");
    m->p += n;
    return push(m, new_text(m, m->p - n, n));
}

/* Bytes that follow an opcode and are fixed in number. */
static int
operand_bytes(enum op op)
{
    switch (op) {
    case OP_PROTO: case OP_BININT1: case OP_LONG1: case OP_SHORT_BINSTRING:
    case OP_SHORT_BINUNICODE: case OP_SHORT_BINBYTES: case OP_BINGET: case OP_BINPUT:
        return 1;
    case OP_BININT2:
        return 2;
    case OP_BININT: case OP_LONG4: case OP_BINSTRING: case OP_BINUNICODE: case OP_BINBYTES:
    case OP_LONG_BINGET: case OP_LONG_BINPUT:
        return 4;
    case OP_BINFLOAT: case OP_BINUNICODE8: case OP_BINBYTES8: case OP_BYTEARRAY8: case OP_FRAME:
        return 8;
    default:
        return 0;
    }
}

/* The run_ functions return 1 when the opcode was theirs, 0 when not, -1 on failure. */
static int
run_scalar(struct machine *m, enum op op)
{
    switch (op) {
    case OP_NONE:
        return push_integer(m, PICKLE_NONE, 0);
    case OP_NEWTRUE: case OP_NEWFALSE:
        return push_integer(m, PICKLE_BOOL, op == OP_NEWTRUE);
    case OP_BININT:
        return push_integer(m, PICKLE_INT, (int32_t)take_number(m, 4));
    case OP_BININT1:
        return push_integer(m, PICKLE_INT, (int64_t)take_number(m, 1));
    case OP_BININT2:
        return push_integer(m, PICKLE_INT, (int64_t)take_number(m, 2));
    case OP_LONG1:
        return push_long(m, take_number(m, 1));
    case OP_LONG4:
        return push_long(m, take_number(m, 4));
    case OP_BINFLOAT:
        return push_float(m);
    case OP_SHORT_BINSTRING: case OP_SHORT_BINUNICODE: case OP_SHORT_BINBYTES:
    case OP_BINSTRING: case OP_BINUNICODE: case OP_BINBYTES:
    case OP_BINUNICODE8: case OP_BINBYTES8: case OP_BYTEARRAY8:
        return push_text(m, operand_bytes(op));
    default:
        return 0;
    }
}

static int
push_tuple(struct machine *m, size_t n)
{
    struct pickle_value *v;

    if (depth(m) < n)
        return broken(m, "stack too short for a tuple");
    v = pickle_new_value(m->out, PICKLE_TUPLE);
    pickle_set_items(v, m->stack + m->n_stack - n, n);
    m->n_stack -= n;
    return push(m, v);
}

static int
push_marked(struct machine *m, enum pickle_type type)
{
    struct pickle_value **item, *v;
    size_t n;

    if (pop_mark(m, &item, &n) < 0)
        return -1;
    v = pickle_new_value(m->out, type);
    pickle_set_items(v, item, n);
    return push(m, v);
}

/*
 * Append n values from item to the container on the stack below them.  Pairs also go to objects
 * (OrderedDict); what a list-like object holds is of no interest and dropped.
 */
static int
fill(struct machine *m, enum op op, struct pickle_value **item, size_t n)
{
    bool pairs = op == OP_SETITEM || op == OP_SETITEMS;
    enum pickle_type want = pairs ? PICKLE_DICT : op == OP_ADDITEMS ? PICKLE_SET : PICKLE_LIST;
    struct pickle_value *v;

    if (depth(m) == 0)
        return broken(m, "nothing to append to");
    v = top(m, 0);
    if (pairs && n % 2 != 0)
        return broken(m, "a key without a value");
    if (v->type == PICKLE_OBJECT && !pairs)
        return 1;
    if (v->type != want && v->type != PICKLE_OBJECT)
        return broken(m, "append to a value that is no container");
    for (size_t i = 0; i < n; i++)
        pickle_add_item(v, item[i]);
    return 1;
}

static int
fill_single(struct machine *m, enum op op, size_t n)
{
    if (depth(m) < n)
        return broken(m, "stack too short to append");
    m->n_stack -= n;
    return fill(m, op, m->stack + m->n_stack, n);
}

static int
fill_marked(struct machine *m, enum op op)
{
    struct pickle_value **item;
    size_t n;

    if (pop_mark(m, &item, &n) < 0)
        return -1;
    return fill(m, op, item, n);
}

static int
run_container(struct machine *m, enum op op)
{
    switch (op) {
    case OP_EMPTY_LIST:
        return push(m, pickle_new_value(m->out, PICKLE_LIST));
    case OP_EMPTY_DICT:
        return push(m, pickle_new_value(m->out, PICKLE_DICT));
    case OP_EMPTY_SET:
        return push(m, pickle_new_value(m->out, PICKLE_SET));
    case OP_EMPTY_TUPLE:
        return push_tuple(m, 0);
    case OP_TUPLE1: case OP_TUPLE2: case OP_TUPLE3:
        return push_tuple(m, 1 + op - OP_TUPLE1);
    case OP_TUPLE:
        return push_marked(m, PICKLE_TUPLE);
    case OP_FROZENSET:
        return push_marked(m, PICKLE_SET);
    case OP_APPEND:
        return fill_single(m, op, 1);
    case OP_SETITEM:
        return fill_single(m, op, 2);
    case OP_APPENDS: case OP_SETITEMS: case OP_ADDITEMS:
        return fill_marked(m, op);
    default:
        return 0;
    }
}

/* Indices are handed out in order, so one beyond the pickle's length is no writer's. */
static int
memo_put(struct machine *m, uint64_t i)
{
    size_t old = m->cap_memo;

    if (depth(m) == 0 || i >= (uint64_t)(m->end - m->first))
        return broken(m, "memo index without a value or out of range");
    mem_grow(&m->memo, &m->cap_memo, i + 1, sizeof *m->memo);
    memset(m->memo + old, 0, (m->cap_memo - old) * sizeof *m->memo);
    m->n_memo += m->memo[i] == NULL;
    m->memo[i] = top(m, 0);
    return 1;
}

static int
memo_get(struct machine *m, uint64_t i)
{
    if (i >= m->cap_memo || !m->memo[i])
        return broken(m, "memo entry that was never made");
    return push(m, m->memo[i]);
}

static int
set_mark(struct machine *m)
{
    mem_grow(&m->mark, &m->cap_mark, m->n_mark + 1, sizeof *m->mark);
    m->mark[m->n_mark++] = m->n_stack;
    return 1;
}

static int
pop(struct machine *m)
{
    if (depth(m) > 0)
        m->n_stack--;
    else if (m->n_mark > 0)
        m->n_mark--;
    else
        return broken(m, "pop from an empty stack");
    return 1;
}

static int
run_stack(struct machine *m, enum op op)
{
    struct pickle_value **item;
    size_t n;

    switch (op) {
    case OP_MARK:
        return set_mark(m);
    case OP_POP:
        return pop(m);
    case OP_POP_MARK:
        return pop_mark(m, &item, &n) < 0 ? -1 : 1;
    case OP_DUP:
        return depth(m) ? push(m, top(m, 0)) : broken(m, "nothing to duplicate");
    case OP_BINPUT: case OP_LONG_BINPUT:
        return memo_put(m, take_number(m, operand_bytes(op)));
    case OP_MEMOIZE:
        return memo_put(m, m->n_memo);
    case OP_BINGET: case OP_LONG_BINGET:
        return memo_get(m, take_number(m, operand_bytes(op)));
    case OP_PROTO: case OP_FRAME:
        m->p += operand_bytes(op);
        return 1;
    default:
        return 0;
    }
}

/* Replace the n values on top by one value that has them as its items. */
static int
combine(struct machine *m, enum pickle_type type, size_t n)
{
    struct pickle_value *v;

    if (depth(m) < n)
        return broken(m, "stack too short for a call");
    v = pickle_new_value(m->out, type);
    pickle_set_items(v, m->stack + m->n_stack - n, n);
    m->n_stack -= n;
    return push(m, v);
}

static int
call(struct machine *m)
{
    if (combine(m, PICKLE_OBJECT, 2) < 0)
        return -1;
    pickle_add_item(top(m, 0), NULL);
    return 1;
}

/* Two lines, module and name. */
static int
push_global(struct machine *m)
{
    for (int i = 0; i < 2; i++) {
        const uint8_t *eol = memchr(m->p, '\n', (size_t)(m->end - m->p));

        if (!eol)
            return broken(m, "name cut off");
        push(m, new_text(m, m->p, (size_t)(eol - m->p)));
        m->p = eol + 1;
    }
    return combine(m, PICKLE_GLOBAL, 2);
}

static int
run_call(struct machine *m, enum op op)
{
    switch (op) {
    case OP_GLOBAL:
        return push_global(m);
    case OP_STACK_GLOBAL:
        return combine(m, PICKLE_GLOBAL, 2);
    case OP_BINPERSID:
        return combine(m, PICKLE_STORAGE, 1);
    case OP_NEWOBJ_EX:
        if (depth(m) < 3)
            return broken(m, "stack too short for a call");
        m->n_stack--;           /* keyword arguments */
        return call(m);
    case OP_REDUCE: case OP_NEWOBJ:
        return call(m);
    case OP_BUILD:
        if (depth(m) < 2)
            return broken(m, "state without an object");
        if (top(m, 1)->type == PICKLE_OBJECT)
            top(m, 1)->item[2] = top(m, 0);
        m->n_stack--;
        return 1;
    default:
        return 0;
    }
}

static int
run(struct machine *m)
{
    static int (*const runner[])(struct machine *, enum op) = {
        run_scalar, run_stack, run_container, run_call
    };

    while (m->p < m->end) {
        enum op op = *m->p++;
        int r = 0;

        if (op == OP_STOP) {
            if (depth(m) == 0)
                return broken(m, "end without a value");
            m->out->root = top(m, 0);
            return 0;
        }
        if (!has_bytes(m, (uint64_t)operand_bytes(op)))
            break;
        for (size_t i = 0; i < ARRAY_LEN(runner) && r == 0; i++)
            r = runner[i](m, op);
        if (r == 0)
            return err_set(m->e, "pickle opcode 0x%02x is not one PyTorch writes; load the file "
                           "and torch.save its state_dict() again", (unsigned)op);
        if (r < 0)
            return -1;
    }
    return broken(m, "cut off");
}

struct pickle *
pickle_load(const void *data, size_t bytes, struct err *e)
{
    struct machine m = { .first = data, .p = data, .end = (const uint8_t *)data + bytes, .e = e };
    struct pickle *out;
    int r;

    if (bytes > MAX_BYTES) {
        err_set(e, "pickle of %zu bytes, expected at most %d; save the model's state_dict() only",
                bytes, MAX_BYTES);
        return NULL;
    }
    out = m.out = mem_zalloc(sizeof *out);
    mem_grow(&m.stack, &m.cap_stack, 1, sizeof *m.stack);
    r = run(&m);
    free(m.stack);
    free(m.mark);
    free(m.memo);
    if (r < 0) {
        pickle_free(out);
        return NULL;
    }
    return out;
}
