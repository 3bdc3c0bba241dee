/* SPDX-License-Identifier: MIT */
/*
 * pertrack-build: one description of a background, cut into units that any engine can run.
 *
 * A unit is (kind of sites, track set, shard): one pipe predict | score-effect | reservoir, which
 * leaves one whole state file or none.  Everything the units need is prepared once in the build's
 * folder, and everything that is known of a build can be told from the files there:
 *
 *   build.id         what the build is made of, with checksums; another build is refused
 *   fasta.id         checksum of the FASTA file as it stands on this machine
 *   plan.tsv         the units: number, name, kind, set, shard, sites, tracks, estimated seconds
 *   units.list       their names
 *   sites/           variants.vcf, baselines.bed: drawn once, the same for every unit
 *   sets/N.tsv       the track table of set N (with several sets)
 *   expect/K.N.res   a state without values: the header and site checksum of every unit of that
 *                    kind and set, against which units are checked
 *   units/NAME.res   finished units
 *   log/NAME.log     what the programs said; log/NAME.time: host, seconds, memory
 *   lock             held by the driver; units/.NAME.lock by whoever makes that unit
 *   merged.tsv       units behind the output, and its checksum
 */
#ifndef PT_BUILD_H
#define PT_BUILD_H

#include <stdio.h>

#include "base/base.h"
#include "base/err.h"
#include "reservoir/run.h"

enum kind { VARIANTS, BASELINES, KINDS };
extern const char *const kind_name[KINDS];      /* "variants", "baselines" */

/* Words of an option list, as a shell would split them; ends with NULL. */
struct words {
    char **item;
    size_t n, cap;
};

void words_add(struct words *w, const char *text);
void words_add_all(struct words *w, const struct words *from);
int words_split(struct words *w, const char *text, struct err *e);
void words_free(struct words *w);
char *shell_quote(const char *text);            /* caller frees */

/* The description; paths are relative to the directory it is in, which is the working one. */
struct build {
    char *file;                 /* its name there */
    char *where;                /* absolute path of that directory */
    char *self;                 /* absolute path of this program */
    char *oracle, *tracks, *genome, *assembly, *gtf, *ccre, *dhs;
    struct words recipe[KINDS]; /* name of the recipe, then options of the sampler; n 0: none */
    char *sites_file[KINDS];    /* existing sites instead, or NULL */
    struct words predict, score, pack, sbatch;  /* further options */
    char *kernels;              /* PERTRACK_KERNELS of every unit, or NULL */
    char *folder, *output;
    char *append, *replace, *held_out;
    int64_t shards, per_set, threads, gpus;
    int64_t capacity, tail, expected, width;    /* of reservoir; 0: not given */
};

/* Read a description and make its directory the working one; dies with FILE:LINE. */
void build_read(struct build *b, const char *path);
void build_free(struct build *b);
bool build_has(const struct build *b, enum kind k);

/* Sites of a kind: drawn in the folder, or the user's own file.  Caller frees. */
char *build_sites(const struct build *b, enum kind k);

/* The rows of the track table. */
struct row {
    char *line;                 /* with the weight file as seen from the set's table */
    char *id;
    struct words file;          /* of the model, as seen from the working directory */
};

struct table {
    char *header;
    struct row *row;
    size_t n;
};

void table_read(struct table *t, const struct build *b);
void table_free(struct table *t);

struct unit {
    char *name;                 /* "variants.1.3": kind, set, shard, from 1 */
    enum kind kind;
    int64_t set, shard;
    int64_t sites, tracks;
    double seconds;             /* estimated; 0: not known */
};

struct plan {
    struct unit *unit;
    size_t n;
    int64_t sets, sites[KINDS];
    int64_t tracks;             /* that the table's models give; 0 before it is known */
};

void plan_write(const struct plan *p, const struct build *b);
void plan_read(struct plan *p, const struct build *b);          /* dies when there is none */
void plan_print(const struct plan *p, const struct build *b, FILE *fp);
void plan_free(struct plan *p);
const struct unit *plan_find(const struct plan *p, const char *name);
char *unit_path(const struct build *b, const struct unit *u, const char *folder,
                const char *tail);
char *set_table(const struct build *b, int64_t set);     /* the whole table with one set */
char *expect_path(const struct build *b, enum kind k, int64_t set);
char *folder_path(const struct build *b, const char *fmt, ...) PT_PRINTF(2, 3);

/* Everything before the first unit: checks, sites, sets, expected headers, estimate. */
struct prepare_options {
    bool restart;               /* throw away what another build left in the folder */
    bool estimate;              /* calibrate where that was not done */
    bool scope_smaller;         /* allow a smaller background than the one replaced */
};

void prepare(struct build *b, struct plan *p, const struct prepare_options *o);

/* Run predict, score-effect and reservoir on a shard; see unit.c. */
struct pipeline {
    const struct build *b;
    enum kind kind;
    const char *table;          /* of tracks */
    char *shard;                /* "3/40" */
    const char *out, *log;
    int64_t threads;
    bool keep_all;              /* whatever capacity says */
    unsigned limit_s;           /* end it after that time; 0: never */
    double wall_s, cpu_s;       /* used */
    long memory_kb;
    bool timed_out;
};

/* 0, or -1 with which program failed and what it said last. */
int pipeline_run(struct pipeline *p, struct err *e);

/* Start a program with its standard output in out (NULL: as ours); -1 with a reason. */
int program_run(const struct words *argv, const char *out, const char *log, struct err *e);

/* Processes this one has started and must take down with it. */
int child_start(const struct words *argv, int in, int out, int err);
void child_gone(int pid);
void children_watch_signals(void);
void children_stop(int sig);
int stop_signal(void);          /* the signal that asked this program to end, or 0 */
void stop_if_asked(void);       /* end the program if one did */

enum unit_state { UNIT_WHOLE, UNIT_MISSING, UNIT_DAMAGED, UNIT_OTHER };

/* Read a unit to its end: what is wrong with it, if anything, is in e. */
enum unit_state unit_check(const struct build *b, const struct unit *u, struct err *e);

/* Check any state file against what is expected of a unit. */
enum unit_state state_check(const struct build *b, const char *path, enum kind k, int64_t set,
                            int64_t shard, struct err *e);

/* Make one unit unless it is whole; exit status. */
int unit_make(const struct build *b, const struct unit *u);

/*
 * Exclusive lock on a file, until the process ends.  lock_try returns -1 when somebody else has
 * it.  The one of lock_wait is shared by the programs started, so that it lasts until the last of
 * them has gone, however this one ends.
 */
int lock_try(const char *path);
int lock_wait(const char *path);
bool lock_probe(const char *path);      /* does somebody have it? */

/* Units that are not whole; says which and why on standard error when they are there. */
struct todo {
    bool *whole;                /* per unit */
    size_t n;                   /* not whole */
};

void todo_find(struct todo *t, const struct build *b, const struct plan *p, bool remove);
void todo_free(struct todo *t);

struct engine_options {
    const char *name;
    int64_t jobs;               /* 0: not given */
    const char *hosts;          /* --sshloginfile */
    const char *remote;         /* --workdir there: files travel */
    bool generate;              /* write the files, do not run them */
};

bool engine_known(const char *name);
const char *engine_names(void);
void engine_write(const struct build *b, const struct plan *p, const struct todo *t,
                  const struct engine_options *o);

/* Run the units; 0 when the engine ended well. */
int engine_run(const struct build *b, const struct plan *p, const struct todo *t,
               const struct engine_options *o);

int merge(const struct build *b, const struct plan *p, const struct todo *t);
bool merge_is_current(const struct build *b);
bool merge_made(const struct build *b, const char *output);

/* Run an engine and tell of units as they are finished; exit status. */
int watch(const struct words *argv, const struct build *b, const struct plan *p,
          const struct todo *t, int64_t jobs);
void status_print(const struct build *b, const struct plan *p);
int verify_print(const struct build *b, const struct plan *p);
void report(const struct build *b, const struct plan *p);

/* What a unit's .time file says. */
struct timing {
    char host[128];
    double wall_s, cpu_s;
    long memory_kb;
    int attempts;
};

bool timing_read(struct timing *t, const struct build *b, const struct unit *u);

/* "3.2 s", "14 min", "5.1 h"; "2.1 GB" */
void show_seconds(char text[32], double s);
void show_bytes(char text[32], double bytes);
double clock_now(void);         /* monotonic, seconds */
bool is_file(const char *path);
void make_folder(const char *path);     /* and those above it */

#endif
