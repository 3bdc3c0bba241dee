/* SPDX-License-Identifier: MIT */
/* One unit: whether its file is whole and of this build, and making it. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "build.h"
#include "prog/die.h"
#include "prog/fio.h"
#include "prog/mem.h"
#include "reservoir/run_meta.h"
#include "reservoir/state.h"

char *
unit_path(const struct build *b, const struct unit *u, const char *folder, const char *tail)
{
    return folder_path(b, "%s/%s%s", folder, u->name, tail);
}

char *
expect_path(const struct build *b, enum kind k, int64_t set)
{
    return folder_path(b, "expect/%s.%lld.res", kind_name[k], (long long)set);
}

/* Read a state to its end, so that checksum, order and values are checked. */
static struct state_reader *
read_whole(const char *path, FILE **fp, struct err *e)
{
    struct value_set set = { 0 };
    struct stream_reader *in;
    struct state_reader *r;
    int got;

    *fp = fopen(path, "rb");
    if (!*fp) {
        err_sys(e, "%s: cannot open", path);
        return NULL;
    }
    in = stream_open_file(*fp, path, STREAM_RESERVOIR, e);
    r = in ? state_open(in, path, e) : NULL;
    while (r && (got = state_next(r, &set, e)) != 0) {
        if (got < 0) {
            state_close(r);
            r = NULL;
        }
    }
    value_set_free(&set);
    if (!r) {
        fclose(*fp);
        *fp = NULL;
    }
    return r;
}

/* Exactly the one shard that it should be. */
static int
check_shard(const struct state_reader *r, int64_t shard, int64_t n, struct err *e)
{
    const struct shards *s = state_shards(r);
    char *have;
    int status = 0;

    if (n == 1 && s->n == 0)
        return 0;
    if (n == 1 || s->n != (uint32_t)n) {
        have = s->n ? mem_printf("of a run in %u shards", s->n) : mem_strdup("a whole run");
        err_set(e, "%s: is %s, expected shard %lld of %lld", state_name(r), have,
                (long long)shard, (long long)n);
        free(have);
        return -1;
    }
    have = shards_list(s, true);
    if (atoll(have) != shard || strchr(have, ','))
        status = err_set(e, "%s: holds shard %s of %lld, expected shard %lld", state_name(r), have,
                         (long long)n, (long long)shard);
    free(have);
    return status;
}

static int
check_sites(const struct state_reader *r, const struct state_reader *expected, struct err *e)
{
    const char *mine = meta_get(state_trailer(r), "sites");
    const char *theirs = meta_get(state_trailer(expected), "sites");

    if (mine && theirs && strcmp(mine, theirs) == 0)
        return 0;
    return err_set(e, "%s: was made from other sites than this build's (%.400s, expected %.400s)",
                   state_name(r), mine ? mine : "not said", theirs ? theirs : "not said");
}

enum unit_state
state_check(const struct build *b, const char *path, enum kind k, int64_t set, int64_t shard,
            struct err *e)
{
    char *want = expect_path(b, k, set);
    FILE *fp = NULL, *fp_want = NULL;
    struct state_reader *r, *expected = NULL;
    enum unit_state state = UNIT_WHOLE;

    if (!is_file(path)) {
        free(want);
        err_set(e, "%s: is not there", path);
        return UNIT_MISSING;
    }
    r = read_whole(path, &fp, e);
    if (!r) {
        free(want);
        return UNIT_DAMAGED;
    }
    expected = read_whole(want, &fp_want, e);
    if (!expected)
        die("%s; remove it and run pertrack-build again", e->msg);
    if (run_meta_compare(state_meta(r), path, state_meta(expected), "this build", e) ||
        check_shard(r, shard, b->shards, e) || check_sites(r, expected, e))
        state = UNIT_OTHER;
    state_close(r);
    state_close(expected);
    fclose(fp);
    fclose(fp_want);
    free(want);
    return state;
}

enum unit_state
unit_check(const struct build *b, const struct unit *u, struct err *e)
{
    char *path = unit_path(b, u, "units", ".res");
    const enum unit_state state = state_check(b, path, u->kind, u->set, u->shard, e);

    free(path);
    return state;
}

/* The descriptor is left open for good: the lock ends with the process. */
static int
lock(const char *path, int how, int flags)
{
    int fd = open(path, O_RDWR | O_CREAT | flags, 0666);

    if (fd < 0)
        die("%s: cannot create: %s", path, strerror(errno));
    while (flock(fd, how)) {
        if (errno == EINTR) {
            stop_if_asked();
            continue;
        }
        if (errno == EWOULDBLOCK) {
            close(fd);
            return -1;
        }
        if (errno == ENOLCK || errno == ENOSYS || errno == EOPNOTSUPP)
            return fd;          /* a file system without locks: files appear whole all the same */
        die("%s: cannot lock: %s", path, strerror(errno));
    }
    return fd;
}

int
lock_try(const char *path)
{
    return lock(path, LOCK_EX | LOCK_NB, O_CLOEXEC);
}

int
lock_wait(const char *path)
{
    return lock(path, LOCK_EX, 0);
}

/* Without waiting, and shared by the programs started. */
static int
lock_gpu(const char *path)
{
    return lock(path, LOCK_EX | LOCK_NB, 0);
}

bool
lock_probe(const char *path)
{
    const int fd = open(path, O_RDWR | O_CLOEXEC);
    bool held;

    if (fd < 0)
        return false;
    held = flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    close(fd);
    return held;
}

/* Unfinished files that a kill -9 left; the lock says that nobody is writing them. */
static void
remove_partial(const struct build *b, const struct unit *u)
{
    char *folder = folder_path(b, "units"), *start = mem_printf(".%s.res.", u->name);
    DIR *d = opendir(folder);
    struct dirent *f;

    while (d && (f = readdir(d)) != NULL) {
        const size_t n = strlen(f->d_name);

        if (strncmp(f->d_name, start, strlen(start)) == 0 && n > 5 &&
            strcmp(f->d_name + n - 5, ".part") == 0)
            unlinkat(dirfd(d), f->d_name, 0);
    }
    if (d)
        closedir(d);
    free(folder);
    free(start);
}

static void
write_timing(const struct build *b, const struct unit *u, const struct pipeline *p)
{
    char *path = unit_path(b, u, "log", ".time");
    struct timing before = { .attempts = 0 };
    char host[128] = "?";
    FILE *fp;

    timing_read(&before, b, u);
    gethostname(host, sizeof host - 1);
    fp = fio_open_out(path, false);
    fprintf(fp, "host\t%s\nwall_s\t%.3f\ncpu_s\t%.3f\nmemory_kb\t%ld\nattempts\t%d\n", host,
            p->wall_s, p->cpu_s, p->memory_kb, before.attempts + 1);
    fio_close_out(fp, path);
    free(path);
}

bool
timing_read(struct timing *t, const struct build *b, const struct unit *u)
{
    char *path = unit_path(b, u, "log", ".time"), line[256];
    FILE *fp = fopen(path, "r");

    memset(t, 0, sizeof *t);
    free(path);
    if (!fp)
        return false;
    while (fgets(line, sizeof line, fp)) {
        sscanf(line, "host\t%127s", t->host);
        sscanf(line, "wall_s\t%lf", &t->wall_s);
        sscanf(line, "cpu_s\t%lf", &t->cpu_s);
        sscanf(line, "memory_kb\t%ld", &t->memory_kb);
        sscanf(line, "attempts\t%d", &t->attempts);
    }
    fclose(fp);
    return true;
}

/* A line in the log that tells the attempts apart; no clock, so that logs can be compared. */
static void
mark_log(const char *path, const struct unit *u)
{
    FILE *fp = fopen(path, "a");

    if (!fp)
        die("%s: cannot write: %s", path, strerror(errno));
    fprintf(fp, "== %s\n", u->name);
    fclose(fp);
}

/*
 * A GPU of this machine that no other unit has, by a lock per GPU.  An engine that has chosen one
 * names it alone in CUDA_VISIBLE_DEVICES.
 */
static void
choose_gpu(const struct build *b)
{
    const struct timespec pause = { 0, 200000000 };
    const char *list = getenv("CUDA_VISIBLE_DEVICES");
    char name[32];

    if (!b->gpus || (list && *list && !strchr(list, ',')))
        return;
    for (int64_t i = 0;; i = (i + 1) % b->gpus) {
        char *path = folder_path(b, "units/.gpu.%lld.lock", (long long)i);
        const bool mine = lock_gpu(path) >= 0;

        free(path);
        if (mine) {
            for (int64_t k = 0; list && k < i; k++)
                list += strcspn(list, ",") + (list[strcspn(list, ",")] == ',');
            if (list && *list)
                snprintf(name, sizeof name, "%.*s", (int)strcspn(list, ","), list);
            else
                snprintf(name, sizeof name, "%lld", (long long)i);
            setenv("CUDA_VISIBLE_DEVICES", name, 1);
            return;
        }
        stop_if_asked();
        if (i == b->gpus - 1)
            nanosleep(&pause, NULL);
    }
}

/* What prepare.c has noted; on another machine it does not fit, and is hashed again. */
static void
recall_fasta(const struct build *b)
{
    char *path = folder_path(b, "fasta.id"), line[256];
    FILE *fp = fopen(path, "r");

    if (fp && fgets(line, sizeof line, fp)) {
        line[strcspn(line, "\n")] = '\0';
        setenv("PERTRACK_FASTA_ID", line, 1);
    }
    if (fp)
        fclose(fp);
    free(path);
}

static int
run_unit(const struct build *b, const struct unit *u)
{
    char *out = unit_path(b, u, "units", ".res"), *log = unit_path(b, u, "log", ".log");
    struct pipeline p = { .b = b, .kind = u->kind, .out = out, .log = log,
                          .threads = b->threads };
    char *table = set_table(b, u->set);
    struct err e;
    int status = EXIT_OK;

    p.table = table;
    p.shard = b->shards > 1 ? mem_printf("%lld/%lld", (long long)u->shard, (long long)b->shards)
                            : NULL;
    mark_log(log, u);
    if (pipeline_run(&p, &e)) {
        stop_if_asked();
        fprintf(stderr, "%s: %s: %s; see %s\n", prog_name, u->name, e.msg, log);
        status = EXIT_DATA;
    } else if (unit_check(b, u, &e) != UNIT_WHOLE) {
        fprintf(stderr, "%s: %s: what was made is not what was planned: %s\n", prog_name, u->name,
                e.msg);
        unlink(out);
        status = EXIT_DATA;
    } else {
        write_timing(b, u, &p);
    }
    free(p.shard);
    free(table);
    free(out);
    free(log);
    return status;
}

int
unit_make(const struct build *b, const struct unit *u)
{
    char *lock_path = folder_path(b, "units/.%s.lock", u->name);
    enum unit_state state;
    struct err e;

    lock_wait(lock_path);
    free(lock_path);
    remove_partial(b, u);
    state = unit_check(b, u, &e);
    if (state == UNIT_WHOLE) {
        chat("%s: is whole, left as it is", u->name);
        return EXIT_OK;
    }
    if (state != UNIT_MISSING)
        note("%s: done again: %s", u->name, e.msg);
    choose_gpu(b);
    recall_fasta(b);
    return run_unit(b, u);
}
