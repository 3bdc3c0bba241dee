/* SPDX-License-Identifier: MIT */
/* Progress while an engine runs, and the state of a build, both from its files alone. */
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
#include "prog/mem.h"

struct progress_state {
    const struct build *b;
    const struct plan *p;
    bool *seen;                 /* per unit: finished, and told so */
    bool *late;                 /* finished, but its times are not there yet */
    size_t n_seen;
    double work, work_before, work_seen;        /* estimated seconds: all, at start, now */
    double began;
    int64_t jobs;
};

static bool
is_finished(const struct build *b, const struct unit *u)
{
    char *path = unit_path(b, u, "units", ".res");
    const bool there = is_file(path);

    free(path);
    return there;
}

static double
weight(const struct unit *u)
{
    return u->seconds > 0 ? u->seconds : (double)(u->sites * u->tracks + 1);
}

static void
show_left(char text[64], const struct progress_state *s)
{
    const double done = s->work_seen - s->work_before, left = s->work - s->work_seen;
    char time[32];

    if (done <= 0) {
        text[0] = '\0';
        return;
    }
    show_seconds(time, left * (clock_now() - s->began) / done);
    snprintf(text, 64, ", about %s left", time);
}

static void
tell(struct progress_state *s, const struct unit *u, const struct timing *t)
{
    char left[64], took[32] = "?";

    if (*t->host)
        show_seconds(took, t->wall_s);
    show_left(left, s);
    fprintf(stderr, "%s: %s: %lld sites in %s on %s (%zu of %zu units, %.0f %%%s)\n", prog_name,
            u->name, (long long)u->sites, took, *t->host ? t->host : "?", s->n_seen, s->p->n,
            100 * s->work_seen / s->work, left);
}

/* Units that were finished since the last look. */
static void
look(struct progress_state *s)
{
    for (size_t i = 0; i < s->p->n; i++) {
        const struct unit *u = &s->p->unit[i];
        struct timing t;

        if (s->seen[i] || !is_finished(s->b, u))
            continue;
        if (!timing_read(&t, s->b, u) && !s->late[i]) {
            s->late[i] = true;
            continue;
        }
        s->seen[i] = true;
        s->n_seen++;
        s->work_seen += weight(u);
        tell(s, u, &t);
    }
}

static void
on_child(int sig)
{
    (void)sig;
}

int
watch(const struct words *argv, const struct build *b, const struct plan *p,
      const struct todo *t, int64_t jobs)
{
    const bool tells = !prog_quiet && (isatty(STDERR_FILENO) || prog_verbose);
    struct progress_state s = { .b = b, .p = p, .began = clock_now(), .jobs = jobs };
    const double every = 0.3 + (double)p->n / 2000;
    const struct timespec pause = { (time_t)every, (long)(1e9 * (every - (double)(time_t)every)) };
    int status = 0;
    pid_t pid;

    s.seen = mem_array(p->n, sizeof *s.seen);
    s.late = mem_array(p->n, sizeof *s.late);
    for (size_t i = 0; i < p->n; i++) {
        s.seen[i] = t->whole[i];
        s.n_seen += t->whole[i];
        s.work += weight(&p->unit[i]);
        s.work_before += t->whole[i] ? weight(&p->unit[i]) : 0;
    }
    s.work_seen = s.work_before;
    signal(SIGCHLD, on_child);
    pid = child_start(argv, -1, STDERR_FILENO, -1);
    for (;;) {
        const pid_t got = waitpid(pid, &status, WNOHANG);

        if (got == pid || (got < 0 && errno != EINTR))
            break;
        nanosleep(&pause, NULL);
        /* An engine that waits for its jobs at the first SIGTERM (GNU parallel) ends them at the
         * second. */
        if (stop_signal())
            children_stop(SIGTERM);
        if (tells)
            look(&s);
    }
    child_gone(pid);
    signal(SIGCHLD, SIG_DFL);
    if (tells)
        look(&s);
    free(s.seen);
    free(s.late);
    return status ? EXIT_DATA : EXIT_OK;
}

/* Is somebody on this machine making it now? */
static bool
is_locked(const struct build *b, const struct unit *u)
{
    char *path = folder_path(b, "units/.%s.lock", u->name);
    const bool locked = is_file(path) && lock_probe(path);

    free(path);
    return locked;
}

static bool
was_tried(const struct build *b, const struct unit *u)
{
    char *path = unit_path(b, u, "log", ".log");
    const bool there = is_file(path);

    free(path);
    return there;
}

static const char *
state_name_of(const struct build *b, const struct unit *u)
{
    if (is_finished(b, u))
        return "finished";
    if (is_locked(b, u))
        return "running";
    return was_tried(b, u) ? "broken off" : "to do";
}

void
status_print(const struct build *b, const struct plan *p)
{
    const char *output = b->replace ? b->replace : b->output;
    size_t n[4] = { 0 };
    static const char *const name[] = { "finished", "running", "broken off", "to do" };
    double work = 0, done = 0, cpu = 0;
    char all[32], used[32];

    printf("#unit\tstate\tsites\ttracks\tseconds\tcpu_seconds\tmemory_mb\thost\tattempts\n");
    for (size_t i = 0; i < p->n; i++) {
        const struct unit *u = &p->unit[i];
        const char *state = state_name_of(b, u);
        struct timing t;

        for (size_t k = 0; k < ARRAY_LEN(name); k++)
            n[k] += strcmp(state, name[k]) == 0;
        work += weight(u);
        done += strcmp(state, "finished") == 0 ? weight(u) : 0;
        printf("%s\t%s\t%lld\t%lld", u->name, state, (long long)u->sites, (long long)u->tracks);
        if (timing_read(&t, b, u))
            printf("\t%.2f\t%.2f\t%.0f\t%s\t%d\n", t.wall_s, t.cpu_s,
                   (double)t.memory_kb / 1024, t.host, t.attempts);
        else
            printf("\t.\t.\t.\t.\t.\n");
        cpu += t.cpu_s;
    }
    show_seconds(all, work);
    show_seconds(used, cpu);
    printf("#units\t%zu of %zu finished, %zu running here, %zu broken off, %zu to do\n", n[0], p->n,
           n[1], n[2], n[3]);
    printf("#work\t%.0f %% of %s by the estimate; %s of processor time used\n",
           100 * done / work, p->unit[0].seconds > 0 ? all : "an unknown time", used);
    printf("#output\t%s: %s\n", output, merge_made(b, output) ? "made by this build" :
           is_file(output) ? "there, but not made by this build" : "not yet made");
}

/* Every unit is read; the exit status. */
int
verify_print(const struct build *b, const struct plan *p)
{
    static const char *const name[] = { "whole", "missing", "damaged", "other" };
    size_t bad = 0;

    printf("#unit\tstate\twhy\n");
    for (size_t i = 0; i < p->n; i++) {
        struct err e = { "." };
        const enum unit_state state = unit_check(b, &p->unit[i], &e);

        stop_if_asked();
        bad += state != UNIT_WHOLE;
        printf("%s\t%s\t%s\n", p->unit[i].name, name[state], state == UNIT_WHOLE ? "." : e.msg);
    }
    if (bad)
        fprintf(stderr, "%s: %zu of %zu units are not whole\n", prog_name, bad, p->n);
    return bad ? EXIT_DATA : EXIT_OK;
}
