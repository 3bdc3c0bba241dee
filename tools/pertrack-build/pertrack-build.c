/* SPDX-License-Identifier: MIT */
/* pertrack-build - build a background from one description, on many cores or machines. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "build.h"
#include "prog/die.h"
#include "prog/fio.h"
#include "prog/mem.h"
#include "prog/opt.h"

struct options {
    const char *build;
    bool check, plan, status, verify, merge, report, restart, smaller;
    const char *unit;
    int64_t unit_number;
    struct engine_options engine;
};

static const char details[] =
    "The description is a text file of keys and values; see pertrack-build(1).  The least of it:\n"
    "         oracle     chrombpnet\n"
    "         tracks     tracks.tsv\n"
    "         genome     hg38.fa\n"
    "         dhs        DHS_Index.txt.gz\n"
    "         variants   accessibility\n"
    "         shards     40\n"
    "         output     mycell_pertrack.npz\n"
    "Units that are whole are never done again; damaged ones are, and it is said which and why.\n"
    "Output:  the background, and beside it NAME.report.tsv and NAME.report.html.\n"
    "Memory:  that of predict, times the jobs.\n"
    "Example: pertrack-build -j 8 my.build\n"
    "         pertrack-build --engine slurm my.build\n";

static void
parse_options(struct options *o, int argc, char **argv)
{
    const struct opt opts[] = {
        { OPT_INT, 'j', "jobs", "N", &o->engine.jobs,
          "units at a time [cores / threads of the description]", 1, 100000, true },
        { OPT_TEXT, 0, "engine", "NAME", &o->engine.name,
          "make, shell, parallel, slurm, snakemake or nextflow [make]", 0, 0, true },
        { OPT_FLAG, 0, "generate", NULL, &o->engine.generate,
          "write the engine's files, do not run them", 0, 0, true },
        { OPT_TEXT, 0, "sshloginfile", "FILE", &o->engine.hosts,
          "hosts for GNU parallel, as its option of that name", 0, 0, true },
        { OPT_TEXT, 0, "workdir", "DIR", &o->engine.remote,
          "folder on these hosts; files are sent and returned [shared]", 0, 0, true },
        { OPT_FLAG, 0, "restart", NULL, &o->restart,
          "throw away units in the folder that are of another build", 0, 0, true },
        { OPT_FLAG, 0, "allow-smaller", NULL, &o->smaller,
          "replace a background by one of fewer sites or tracks", 0, 0, true },
        { OPT_SECTION, 0, "One thing only", NULL, NULL, NULL, 0, 0, false },
        { OPT_FLAG, 0, "check", NULL, &o->check, "what can be checked before any work", 0, 0,
          true },
        { OPT_FLAG, 0, "plan", NULL, &o->plan, "print the units and what they will cost", 0, 0,
          true },
        { OPT_FLAG, 0, "status", NULL, &o->status, "print how far the build is, from its files", 0,
          0, true },
        { OPT_FLAG, 0, "verify", NULL, &o->verify, "read every unit and say which are whole", 0, 0,
          true },
        { OPT_TEXT, 0, "unit", "NAME", &o->unit, "make that unit, unless it is whole", 0, 0, true },
        { OPT_INT, 0, "unit-number", "N", &o->unit_number, "make the N-th unit of the plan", 1,
          1e9, true },
        { OPT_FLAG, 0, "merge", NULL, &o->merge, "merge the units and write the report", 0, 0,
          true },
        { OPT_FLAG, 0, "report", NULL, &o->report, "write the report", 0, 0, true },
        { 0 }
    };
    const struct opt_program p = { "pertrack-build", "[-j N] [--engine NAME] BUILD",
        "Build a background from a description, in units that survive anything.", opts, details };
    int first = opt_parse(&p, argc, argv);

    if (argc - first != 1)
        die_usage(argc == first ? "no description given; name a file such as my.build"
                                : "one description at a time");
    o->build = argv[first];
}

static void
check_options(struct options *o)
{
    const int n = o->check + o->plan + o->status + o->verify + o->merge + o->report +
        (o->unit != NULL) + (o->unit_number > 0);

    if (n > 1)
        die_usage("--check, --plan, --status, --verify, --unit, --merge and --report exclude each "
                  "other");
    if (!engine_known(o->engine.name))
        die_usage("--engine is '%s', expected one of %s", o->engine.name, engine_names());
    if (o->engine.hosts && strcmp(o->engine.name, "parallel") != 0)
        die_usage("--sshloginfile is of use with --engine parallel only");
    if (o->engine.remote && !o->engine.hosts)
        die_usage("--workdir is of use with --sshloginfile only");
    if (o->engine.hosts && !(o->engine.hosts = realpath(o->engine.hosts, NULL)))
        die_usage("--sshloginfile: there is no such file");
}

/* The programs that belong to this one are found first. */
static void
set_path(const struct build *b)
{
    const char *slash = strrchr(b->self, '/'), *old = getenv("PATH");
    char *path;

    if (!slash)
        return;
    path = mem_printf("%.*s:%s", (int)(slash - b->self), b->self, old ? old : "/usr/bin:/bin");
    setenv("PATH", path, 1);
    free(path);
    if (b->kernels)
        setenv("PERTRACK_KERNELS", b->kernels, 1);
}

/* One driver at a time works in a folder. */
static void
claim_folder(const struct build *b)
{
    char *path = folder_path(b, "lock");

    make_folder(b->folder);
    if (lock_try(path) < 0)
        die("another pertrack-build is at work in %s; wait for it, or give 'folder' another name",
            b->folder);
    free(path);
}

static int
make_unit(const struct build *b, const struct options *o)
{
    const struct unit *u;
    struct plan p;
    int status;

    plan_read(&p, b);
    u = o->unit ? plan_find(&p, o->unit)
                : o->unit_number <= (int64_t)p.n ? &p.unit[o->unit_number - 1] : NULL;
    if (!u && o->unit)
        die("%s is not a unit of this build; see %s/units.list", o->unit, b->folder);
    if (!u)
        die("there are %zu units, no number %lld", p.n, (long long)o->unit_number);
    status = unit_make(b, u);
    plan_free(&p);
    return status;
}

static void
print_estimate(const struct build *b, const struct plan *p, const struct todo *t)
{
    double all = 0, left = 0;
    char a[32], l[32];

    for (size_t i = 0; i < p->n; i++) {
        all += p->unit[i].seconds;
        left += t->whole[i] ? 0 : p->unit[i].seconds;
    }
    show_seconds(a, all);
    show_seconds(l, left);
    note("%zu units: %lld variants, %lld baselines, %lld set%s of tracks; %zu to do, about %s of "
         "%s one after the other (%lld thread%s each)", p->n, (long long)p->sites[VARIANTS],
         (long long)p->sites[BASELINES], (long long)p->sets, p->sets == 1 ? "" : "s", t->n, l, a,
         (long long)(b->threads ? b->threads : 1), b->threads > 1 ? "s" : "");
}

static int
merge_and_report(const struct build *b, const struct plan *p, const struct todo *t)
{
    int status = merge(b, p, t);

    if (status == EXIT_OK)
        report(b, p);
    return status;
}

/* Everything, or what comes before the first unit. */
static int
run(struct build *b, const struct options *o)
{
    const struct prepare_options how = { o->restart, true, o->smaller };
    const bool only_plan = o->check || o->plan;
    struct plan p;
    struct todo t;
    int status = EXIT_OK;

    claim_folder(b);
    prepare(b, &p, &how);
    if (!only_plan && merge_is_current(b)) {
        note("%s is there, whole and of this build: nothing to do",
             b->replace ? b->replace : b->output);
        plan_free(&p);
        return EXIT_OK;
    }
    todo_find(&t, b, &p, !only_plan);
    print_estimate(b, &p, &t);
    if (o->plan)
        plan_print(&p, b, stdout);
    if (!only_plan) {
        engine_write(b, &p, &t, &o->engine);
        if (!o->engine.generate && (t.n || strcmp(o->engine.name, "slurm") == 0))
            status = engine_run(b, &p, &t, &o->engine);
        stop_if_asked();
        if (!o->engine.generate && strcmp(o->engine.name, "slurm") != 0) {
            todo_free(&t);
            todo_find(&t, b, &p, false);
            status = t.n || !merge_is_current(b) ? merge_and_report(b, &p, &t) : EXIT_OK;
        }
    }
    todo_free(&t);
    plan_free(&p);
    return status;
}

static int
inspect(const struct build *b, const struct options *o)
{
    struct plan p;
    struct todo t;
    int status = EXIT_OK;

    plan_read(&p, b);
    if (o->status)
        status_print(b, &p);
    else if (o->verify)
        status = verify_print(b, &p);
    else if (o->report)
        report(b, &p);
    if (o->merge) {
        claim_folder(b);
        todo_find(&t, b, &p, false);
        status = merge_and_report(b, &p, &t);
        todo_free(&t);
    }
    plan_free(&p);
    return status;
}

int
main(int argc, char **argv)
{
    struct options o = { .engine = { .name = "make" } };
    struct build b;
    int status;

    prog_name = "pertrack-build";
    parse_options(&o, argc, argv);
    check_options(&o);
    build_read(&b, o.build);
    set_path(&b);
    children_watch_signals();
    if (o.unit || o.unit_number)
        status = make_unit(&b, &o);
    else if (o.status || o.verify || o.report || o.merge)
        status = inspect(&b, &o);
    else
        status = run(&b, &o);
    build_free(&b);
    if (status == EXIT_OK && fflush(stdout))
        die("standard output: cannot write");
    return status;
}
