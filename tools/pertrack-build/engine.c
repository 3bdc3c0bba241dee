/* SPDX-License-Identifier: MIT */
/* The same units for every engine: a file that describes them, and the command that runs it. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "build.h"
#include "prog/die.h"
#include "prog/fio.h"
#include "prog/mem.h"

/* What the files have in common. */
struct script {
    const struct build *b;
    const struct plan *p;
    const struct todo *t;
    const struct engine_options *o;
    char *self, *where, *file, *folder;         /* quoted for a shell */
    int64_t jobs;
};

struct engine {
    const char *name, *file;
    void (*write)(FILE *fp, const struct script *s);
    bool executable;
};

static void
write_head(FILE *fp, const char *comment, const char *what)
{
    fprintf(fp, "%s Made by pertrack-build: %s\n", comment, what);
}

static void
write_shell(FILE *fp, const struct script *s)
{
    fprintf(fp, "#!/bin/sh\n");
    write_head(fp, "#", "the units, one after the other.");
    fprintf(fp, "cd %s || exit 1\nstatus=0\nwhile read -r unit; do\n"
            "    %s -q --unit \"$unit\" %s </dev/null || status=1\n"
            "done <%s/units.list\nexit $status\n", s->where, s->self, s->file, s->folder);
}

/* In a makefile "$" is "$$"; a "#" would begin a comment. */
static void
put_make(FILE *fp, const char *text)
{
    for (; *text; text++) {
        if (*text == '$')
            putc('$', fp);
        if (*text == '#')
            putc('\\', fp);
        putc(*text, fp);
    }
}

static void
write_make(FILE *fp, const struct script *s)
{
    write_head(fp, "#", "make -k -j N -f THIS-FILE runs the units and merges them.");
    fprintf(fp, "# Units are never skipped by their times: pertrack-build looks into each.\nRUN = ");
    put_make(fp, "cd ");
    put_make(fp, s->where);
    put_make(fp, " && ");
    put_make(fp, s->self);
    fprintf(fp, " -q\nBUILD = ");
    put_make(fp, s->file);
    fprintf(fp, "\nUNITS =");
    for (size_t i = 0; i < s->p->n; i++)
        fprintf(fp, " \\\n    %s", s->p->unit[i].name);
    fprintf(fp, "\n\nmerge: $(UNITS)\n\t@$(RUN) --merge $(BUILD)\n\nunits: $(UNITS)\n\n"
            "$(UNITS):\n\t@$(RUN) --unit $@ $(BUILD)\n\n.PHONY: merge units $(UNITS)\n");
}

/* Files that every host needs, relative to the description; absolute ones must be there. */
static void
put_base(FILE *fp, const char *path)
{
    char *quoted;

    if (!path || path[0] == '/' || !is_file(path))
        return;
    quoted = shell_quote(path);
    fprintf(fp, "    --basefile %s \\\n", quoted);
    free(quoted);
}

static void
put_genome(FILE *fp, const char *path)
{
    static const char *const tail[] = { "", ".fai", ".gzi" };

    for (size_t i = 0; i < ARRAY_LEN(tail); i++) {
        char *name = mem_printf("%s%s", path, tail[i]);

        put_base(fp, name);
        free(name);
    }
}

static void
put_base_files(FILE *fp, const struct script *s)
{
    const struct build *b = s->b;
    char *plan = folder_path(b, "plan.tsv");
    struct table t;

    table_read(&t, b);
    put_base(fp, b->file);
    put_base(fp, plan);
    put_base(fp, b->tracks);
    put_genome(fp, b->genome);
    put_base(fp, b->gtf);
    for (size_t i = 0; i < t.n; i++)
        for (size_t k = 0; k < t.row[i].file.n; k++)
            put_base(fp, t.row[i].file.item[k]);
    for (int k = 0; k < KINDS; k++) {
        char *sites = build_has(b, (enum kind)k) ? build_sites(b, (enum kind)k) : NULL;

        put_base(fp, sites);
        for (int64_t set = 1; sites && set <= s->p->sets; set++) {
            char *expect = expect_path(b, (enum kind)k, set);

            put_base(fp, expect);
            free(expect);
        }
        free(sites);
    }
    for (int64_t set = 1; s->p->sets > 1 && set <= s->p->sets; set++) {
        char *table = set_table(b, set);

        put_base(fp, table);
        free(table);
    }
    for (size_t i = 0; i < b->predict.n; i++)
        put_base(fp, b->predict.item[i]);
    for (size_t i = 0; i < b->score.n; i++)
        put_base(fp, b->score.item[i]);
    table_free(&t);
    free(plan);
}

/* What a job runs: "{}" is the unit, "{%}" the slot.  Caller frees. */
static char *
job_command(const struct script *s)
{
    char *make = mem_strdup(""), *gpu = mem_strdup(""), *command, *quoted;

    if (s->o->remote) {
        free(make);
        make = mem_printf("mkdir -p %s/units %s/log && ", s->folder, s->folder);
    }
    if (s->b->gpus) {
        free(gpu);
        gpu = mem_printf("CUDA_VISIBLE_DEVICES=$(( ({%%} - 1) %% %lld )) ",
                         (long long)s->b->gpus);
    }
    command = mem_printf("%s%s%s -q --unit {} %s", make, gpu, s->self, s->file);
    quoted = shell_quote(command);
    free(make);
    free(gpu);
    free(command);
    return quoted;
}

static void
write_parallel(FILE *fp, const struct script *s)
{
    char *hosts = s->o->hosts ? shell_quote(s->o->hosts) : NULL;
    char *workdir = s->o->remote ? shell_quote(s->o->remote) : NULL;
    char *command = job_command(s);

    fprintf(fp, "#!/bin/sh\n");
    write_head(fp, "#", "the units under GNU parallel; jobs that the log names are done.");
    fprintf(fp, "cd %s || exit 1\nexec parallel --will-cite --joblog %s/parallel.joblog --resume",
            s->where, s->folder);
    /* Hosts have as many slots as they have cores, or as the file of hosts says. */
    if (!hosts || s->o->jobs)
        fprintf(fp, " -j %lld", (long long)s->jobs);
    fprintf(fp, " \\\n");
    if (hosts)
        fprintf(fp, "    --sshloginfile %s --retries 3 --workdir %s \\\n", hosts,
                workdir ? workdir : s->where);
    if (workdir) {
        fprintf(fp, "    --cleanup \\\n");
        put_base_files(fp, s);
        fprintf(fp, "    --return %s/units/{}.res --return %s/log/{}.time \\\n", s->folder,
                s->folder);
    }
    fprintf(fp, "    -a %s/units.list \\\n    %s\n", s->folder, command);
    free(hosts);
    free(workdir);
    free(command);
}

/* "1-4,7,9-12": numbers of units to be made, those from first to first + n - 1, less offset. */
static bool
put_array(FILE *fp, const struct todo *t, size_t first, size_t n)
{
    bool any = false;

    for (size_t i = first; i < first + n; i++) {
        size_t last = i;

        if (t->whole[i])
            continue;
        while (last + 1 < first + n && !t->whole[last + 1])
            last++;
        fprintf(fp, "%s%zu", any ? "," : "", i - first + 1);
        if (last > i)
            fprintf(fp, "-%zu", last - first + 1);
        any = true;
        i = last;
    }
    return any;
}

/* Slurm takes 1,000 tasks in an array unless it is told to take more. */
enum { ARRAY_MOST = 1000 };

static void
write_sbatch(const struct script *s)
{
    char *units = folder_path(s->b, "units.sbatch"), *last = folder_path(s->b, "merge.sbatch");
    const int64_t threads = s->b->threads ? s->b->threads : 1;
    FILE *fp = fio_open_out(units, false);

    fprintf(fp, "#!/bin/sh\n#SBATCH --job-name=pertrack-units\n#SBATCH --cpus-per-task=%lld\n"
            "#SBATCH --requeue\n#SBATCH --open-mode=append\n"
            "#SBATCH --output=%s/log/slurm-%%A_%%a.out\n", (long long)threads, s->b->folder);
    if (s->b->gpus)
        fprintf(fp, "#SBATCH --gres=gpu:1\n");
    write_head(fp, "#", "a task of the array is a unit; one that is whole is left as it is.");
    fprintf(fp, "cd %s || exit 1\nexec %s -q --unit-number \"$((SLURM_ARRAY_TASK_ID + "
            "${PERTRACK_FIRST:-0}))\" %s\n", s->where, s->self, s->file);
    fio_close_out(fp, units);
    fp = fio_open_out(last, false);
    fprintf(fp, "#!/bin/sh\n#SBATCH --job-name=pertrack-merge\n#SBATCH --requeue\n"
            "#SBATCH --open-mode=append\n#SBATCH --output=%s/log/slurm-%%j.out\n", s->b->folder);
    write_head(fp, "#", "runs when every unit has ended well.");
    fprintf(fp, "cd %s || exit 1\nexec %s -q --merge %s\n", s->where, s->self, s->file);
    fio_close_out(fp, last);
    free(units);
    free(last);
}

static void
write_slurm(FILE *fp, const struct script *s)
{
    write_sbatch(s);
    fprintf(fp, "#!/bin/sh\n");
    write_head(fp, "#", "submits the units that are to be made, and behind them the merge.");
    fprintf(fp, "cd %s || exit 1\nset -e\nafter=\n", s->where);
    for (size_t first = 0; first < s->p->n; first += ARRAY_MOST) {
        const size_t n = s->p->n - first < ARRAY_MOST ? s->p->n - first : ARRAY_MOST;
        size_t n_todo = 0;

        for (size_t i = first; i < first + n; i++)
            n_todo += !s->t->whole[i];
        if (!n_todo)
            continue;
        fprintf(fp, "id=$(PERTRACK_FIRST=%zu sbatch --parsable --export=ALL", first);
        for (size_t i = 0; i < s->b->sbatch.n; i++) {
            char *quoted = shell_quote(s->b->sbatch.item[i]);

            fprintf(fp, " %s", quoted);
            free(quoted);
        }
        fprintf(fp, " --array=");
        put_array(fp, s->t, first, n);
        if (s->o->jobs)
            fprintf(fp, "%%%lld", (long long)s->o->jobs);
        fprintf(fp, " %s/units.sbatch)\nafter=$after:${id%%%%;*}\n", s->folder);
    }
    fprintf(fp, "merge=$(sbatch --parsable ${after:+--dependency=afterok$after "
            "--kill-on-invalid-dep=yes}");
    for (size_t i = 0; i < s->b->sbatch.n; i++) {
        char *quoted = shell_quote(s->b->sbatch.item[i]);

        fprintf(fp, " %s", quoted);
        free(quoted);
    }
    fprintf(fp, " %s/merge.sbatch)\necho \"units in jobs${after:+ ${after#:}}, merge in job "
            "${merge%%%%;*}\"\n", s->folder);
}

/* A Python string literal. */
static void
put_python(FILE *fp, const char *text)
{
    putc('"', fp);
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            putc('\\', fp);
        putc(*text, fp);
    }
    putc('"', fp);
}

static void
write_snakemake(FILE *fp, const struct script *s)
{
    const char *output = s->b->replace ? s->b->replace : s->b->output;
    const int64_t threads = s->b->threads ? s->b->threads : 1;
    char *flag = s->b->replace ? folder_path(s->b, "merged.tsv") : mem_strdup(output);

    write_head(fp, "#", "snakemake --keep-going --cores N -s THIS-FILE runs and merges the units.");
    fprintf(fp, "workdir: ");
    put_python(fp, s->b->where);
    fprintf(fp, "\nRUN = ");
    put_python(fp, s->self);
    fprintf(fp, "\nBUILD = ");
    put_python(fp, s->file);
    fprintf(fp, "\nFOLDER = ");
    put_python(fp, s->b->folder);
    fprintf(fp, "\nUNITS = open(FOLDER + \"/units.list\").read().split()\n\n"
            "rule merge:\n    input: expand(FOLDER + \"/units/{unit}.res\", unit=UNITS)\n"
            "    output: ");
    put_python(fp, flag);
    fprintf(fp, "\n    shell: \"{RUN} -q --merge {BUILD}\"\n\n"
            "rule units:\n    input: rules.merge.input\n\n"
            "rule unit:\n    output: FOLDER + \"/units/{unit}.res\"\n    threads: %lld\n"
            "    shell: \"{RUN} -q --unit {wildcards.unit} {BUILD}\"\n", (long long)threads);
    free(flag);
}

static void
write_nextflow(FILE *fp, const struct script *s)
{
    const int64_t threads = s->b->threads ? s->b->threads : 1;

    write_head(fp, "//", "nextflow run THIS-FILE runs the units and merges them.");
    fprintf(fp, "nextflow.enable.dsl = 2\nparams.units_only = false\n\n"
            "process UNIT {\n    tag \"$unit\"\n    cpus %lld\n    maxForks %lld\n"
            "    errorStrategy 'retry'\n    maxRetries 2\n\n"
            "    input:\n    val unit\n\n    output:\n    val unit\n\n    script:\n"
            "    \"\"\"\n    cd %s && %s -q --unit $unit %s\n    \"\"\"\n}\n\n",
            (long long)threads, (long long)s->jobs, s->where, s->self, s->file);
    fprintf(fp, "process MERGE {\n    input:\n    val units\n\n    script:\n"
            "    \"\"\"\n    cd %s && %s -q --merge %s\n    \"\"\"\n}\n\n"
            "workflow {\n    units = Channel.fromPath('%s/%s/units.list').splitText().map { "
            "it.trim() }\n    UNIT(units)\n    if (!params.units_only)\n"
            "        MERGE(UNIT.out.collect())\n}\n", s->where, s->self,
            s->file, s->b->where, s->b->folder);
}

static const struct engine engine[] = {
    { "make", "Makefile", write_make, false },
    { "shell", "run.sh", write_shell, true },
    { "parallel", "parallel.sh", write_parallel, true },
    { "slurm", "slurm.sh", write_slurm, true },
    { "snakemake", "Snakefile", write_snakemake, false },
    { "nextflow", "main.nf", write_nextflow, false },
};

static const struct engine *
engine_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(engine); i++)
        if (strcmp(engine[i].name, name) == 0)
            return &engine[i];
    return NULL;
}

bool
engine_known(const char *name)
{
    return engine_find(name) != NULL;
}

const char *
engine_names(void)
{
    return "make, shell, parallel, slurm, snakemake, nextflow";
}

static int64_t
jobs_of(const struct build *b, const struct engine_options *o)
{
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);
    const int64_t threads = b->threads ? b->threads : 1;

    if (o->jobs)
        return o->jobs;
    if (b->gpus)
        return b->gpus;
    return cores > threads ? cores / threads : 1;
}

void
engine_write(const struct build *b, const struct plan *p, const struct todo *t,
             const struct engine_options *o)
{
    const struct engine *x = engine_find(o->name);
    char *path = folder_path(b, "%s", x->file);
    struct script s = { b, p, t, o, shell_quote(b->self), shell_quote(b->where),
                        shell_quote(b->file), shell_quote(b->folder), jobs_of(b, o) };
    FILE *fp = fio_open_out(path, false);

    x->write(fp, &s);
    fio_close_out(fp, path);
    if (x->executable)
        chmod(path, 0755);
    free(s.self);
    free(s.where);
    free(s.file);
    free(s.folder);
    free(path);
}

/* Lines of the job log for units that are not whole go, or GNU parallel would skip them. */
static void
prune_joblog(const struct build *b, const struct plan *p, const struct todo *t)
{
    char *path = folder_path(b, "parallel.joblog"), *line = NULL;
    FILE *in = fopen(path, "r"), *out;
    size_t room = 0;
    bool first = true;

    if (!in) {
        free(path);
        return;
    }
    out = fio_open_out(path, false);
    for (; getline(&line, &room, in) > 0; first = false) {
        const size_t seq = (size_t)strtoull(line, NULL, 10);

        if (first || (seq >= 1 && seq <= p->n && t->whole[seq - 1] && strchr(line, '\n')))
            fputs(line, out);
    }
    fclose(in);
    fio_close_out(out, path);
    free(line);
    free(path);
}

/* With a jobserver above, that one hands out the jobs. */
static bool
under_make(void)
{
    const char *flags = getenv("MAKEFLAGS");

    return flags && strstr(flags, "--jobserver");
}

/* The units alone: the merge is the driver's, which holds the folder. */
static void
make_command(struct words *argv, const struct build *b, const struct engine_options *o)
{
    const struct engine *x = engine_find(o->name);
    char *path = folder_path(b, "%s", x->file), jobs[32];

    snprintf(jobs, sizeof jobs, "%lld", (long long)jobs_of(b, o));
    if (strcmp(x->name, "make") == 0) {
        words_add(argv, "make");
        words_add(argv, "-k");
        words_add(argv, "--no-print-directory");
        if (o->jobs || !under_make()) {
            words_add(argv, "-j");
            words_add(argv, jobs);
        }
        words_add(argv, "-f");
        words_add(argv, path);
        words_add(argv, "units");
    } else if (strcmp(x->name, "snakemake") == 0) {
        words_add(argv, "snakemake");
        words_add(argv, "--keep-going");
        words_add(argv, "--rerun-incomplete");
        words_add(argv, "--quiet");
        words_add(argv, "--cores");
        words_add(argv, jobs);
        words_add(argv, "-s");
        words_add(argv, path);
        words_add(argv, "units");
    } else if (strcmp(x->name, "nextflow") == 0) {
        words_add(argv, "nextflow");
        words_add(argv, "run");
        words_add(argv, path);
        words_add(argv, "--units_only");
    } else {
        words_add(argv, "sh");
        words_add(argv, path);
    }
    free(path);
}

int
engine_run(const struct build *b, const struct plan *p, const struct todo *t,
           const struct engine_options *o)
{
    struct words argv = { 0 };
    int status;

    if (strcmp(o->name, "parallel") == 0)
        prune_joblog(b, p, t);
    make_command(&argv, b, o);
    if (strcmp(o->name, "make") == 0 && o->jobs)
        unsetenv("MAKEFLAGS");
    status = watch(&argv, b, p, t, jobs_of(b, o));
    words_free(&argv);
    return status;
}
