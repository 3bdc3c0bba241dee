/* SPDX-License-Identifier: MIT */
/*
 * Starting programs, and taking them down with this one: each child gets SIGTERM when this program
 * is asked to end, and from the kernel when it is killed.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "build.h"
#include "prog/die.h"
#include "prog/fio.h"
#include "prog/mem.h"

enum { STAGES = 3, MAX_CHILDREN = 16 };

static volatile pid_t child[MAX_CHILDREN];
static volatile sig_atomic_t timed_out;

/* From signal handlers too. */
void
children_stop(int sig)
{
    (void)sig;
    for (int i = 0; i < MAX_CHILDREN; i++)
        if (child[i] > 0)
            kill(child[i], SIGTERM);
}

void
children_watch_signals(void)
{
    fio_stop_gracefully(children_stop);
}

int
stop_signal(void)
{
    return fio_stop_signal();
}

void
stop_if_asked(void)
{
    if (stop_signal())
        die("ended by signal %d; finished units stay, run it again to go on", stop_signal());
}

static void
on_alarm(int sig)
{
    (void)sig;
    timed_out = 1;
    children_stop(SIGTERM);
}

/* What happens between fork and exec. */
static void
become(char *const *argv, int in, int out, int err, pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        _exit(EXIT_DATA);
    if ((in >= 0 && dup2(in, STDIN_FILENO) < 0) || (out >= 0 && dup2(out, STDOUT_FILENO) < 0) ||
        (err >= 0 && dup2(err, STDERR_FILENO) < 0))
        _exit(EXIT_DATA);
    signal(SIGTERM, SIG_DFL);
    signal(SIGINT, SIG_DFL);
    signal(SIGHUP, SIG_DFL);
    signal(SIGQUIT, SIG_DFL);
    signal(SIGPIPE, SIG_DFL);
    execvp(argv[0], argv);
    dprintf(STDERR_FILENO, "%s: cannot start: %s\n", argv[0], strerror(errno));
    _exit(errno == ENOENT ? 127 : 126);
}

int
child_start(const struct words *argv, int in, int out, int err)
{
    const pid_t parent = getpid();
    pid_t pid;
    int i = 0;

    while (i < MAX_CHILDREN && child[i] > 0)
        i++;
    if (i == MAX_CHILDREN)
        die("internal error: more than %d programs at a time", MAX_CHILDREN);
    pid = fork();
    if (pid < 0)
        die("cannot start %s: %s", argv->item[0], strerror(errno));
    if (pid == 0)
        become(argv->item, in, out, err, parent);
    child[i] = pid;
    if (stop_signal())
        kill(pid, SIGTERM);
    return pid;
}

void
child_gone(int pid)
{
    for (int i = 0; i < MAX_CHILDREN; i++)
        if (child[i] == pid)
            child[i] = 0;
}

/* The last line that a program wrote to a log, else the last of anybody; caller frees. */
static char *
last_line(const char *path, const char *program)
{
    FILE *fp = path ? fopen(path, "r") : NULL;
    const size_t n = strlen(program);
    char *line = NULL, *last = NULL;
    bool is_own = false;
    size_t room = 0;

    while (fp && getline(&line, &room, fp) > 0) {
        const bool own = strncmp(line, program, n) == 0 && line[n] == ':';

        line[strcspn(line, "\n")] = '\0';
        /* "== unit" of the log itself, and getopt's pointer to --help. */
        if (!*line || *line == '=' || strncmp(line, "Try ", 4) == 0 || (is_own && !own))
            continue;
        free(last);
        last = mem_strdup(line);
        is_own |= own;
    }
    free(line);
    if (fp)
        fclose(fp);
    return last ? last : mem_strdup("it said nothing");
}

static char *
ending(int status)
{
    if (WIFSIGNALED(status))
        return mem_printf("killed by signal %d", WTERMSIG(status));
    return mem_printf("exit status %d", WEXITSTATUS(status));
}

/* A stage that died of its neighbour's death is not the one to blame. */
static int
blame(int status)
{
    return status == 0 ? 0 : WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE ? 1 : 2;
}

static void
start_stages(pid_t pid[STAGES], const struct words stage[STAGES], int log)
{
    int in = open("/dev/null", O_RDONLY | O_CLOEXEC);

    for (int i = 0; i < STAGES; i++) {
        int end[2] = { -1, -1 };

        if (i + 1 < STAGES && pipe2(end, O_CLOEXEC))
            die("cannot make a pipe: %s", strerror(errno));
        pid[i] = child_start(&stage[i], in, i + 1 < STAGES ? end[1] : log, log);
        if (in >= 0)
            close(in);
        if (end[1] >= 0)
            close(end[1]);
        in = end[0];
    }
}

/* Wait for all; the index of the stage to blame, or -1.  A later one that failed by itself says
 * more than the death it caused, an earlier one is the cause of a stream cut short. */
static int
wait_stages(struct pipeline *p, const pid_t pid[STAGES], int status[STAGES])
{
    int worst = -1;

    for (int n = 0; n < STAGES;) {
        struct rusage use;
        int s;
        const pid_t got = wait4(-1, &s, 0, &use);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            die("cannot wait for the programs: %s", strerror(errno));
        child_gone(got);
        for (int i = 0; i < STAGES; i++) {
            if (pid[i] != got)
                continue;
            status[i] = s;
            n++;
            p->cpu_s += (double)use.ru_utime.tv_sec + 1e-6 * (double)use.ru_utime.tv_usec +
                (double)use.ru_stime.tv_sec + 1e-6 * (double)use.ru_stime.tv_usec;
            p->memory_kb = use.ru_maxrss > p->memory_kb ? use.ru_maxrss : p->memory_kb;
        }
    }
    for (int i = STAGES - 1; i >= 0; i--)
        if (blame(status[i]) && (worst < 0 || blame(status[i]) >= blame(status[worst])))
            worst = i;
    return worst;
}

static void
add_number(struct words *w, const char *option, int64_t v)
{
    char text[32];

    if (!v)
        return;
    snprintf(text, sizeof text, "%lld", (long long)v);
    words_add(w, option);
    words_add(w, text);
}

static void
make_stages(struct words stage[STAGES], const struct pipeline *p)
{
    const struct build *b = p->b;
    char *sites = build_sites(b, p->kind);
    const char *const first[] = { "predict", "-q", "-m", b->oracle, "-t", p->table, "-g",
                                  b->genome };
    static const char *const second[] = { "score-effect", "-q" };
    const char *const third[] = { "reservoir", "-q", "-o", p->out };

    memset(stage, 0, STAGES * sizeof *stage);
    for (size_t i = 0; i < ARRAY_LEN(first); i++)
        words_add(&stage[0], first[i]);
    add_number(&stage[0], "-@", p->threads);
    if (p->shard) {
        words_add(&stage[0], "--shard");
        words_add(&stage[0], p->shard);
    }
    words_add_all(&stage[0], &b->predict);
    words_add(&stage[0], sites);
    for (size_t i = 0; i < ARRAY_LEN(second); i++)
        words_add(&stage[1], second[i]);
    words_add_all(&stage[1], &b->score);
    for (size_t i = 0; i < ARRAY_LEN(third); i++)
        words_add(&stage[2], third[i]);
    if (b->capacity && !p->keep_all) {
        add_number(&stage[2], "--capacity", b->capacity);
        add_number(&stage[2], "--tail", b->tail);
        add_number(&stage[2], "--expected", b->expected);
        add_number(&stage[2], "--width", b->width);
    }
    free(sites);
}

int
pipeline_run(struct pipeline *p, struct err *e)
{
    static const char *const name[STAGES] = { "predict", "score-effect", "reservoir" };
    struct words stage[STAGES];
    const double began = clock_now();
    int log = open(p->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666), worst;
    int status[STAGES] = { 0 };
    pid_t pid[STAGES];

    if (log < 0)
        return err_sys(e, "%s: cannot write", p->log);
    make_stages(stage, p);
    timed_out = 0;
    if (p->limit_s) {
        signal(SIGALRM, on_alarm);
        alarm(p->limit_s);
    }
    start_stages(pid, stage, log);
    close(log);
    worst = wait_stages(p, pid, status);
    alarm(0);
    p->wall_s = clock_now() - began;
    p->timed_out = timed_out != 0;
    for (int i = 0; i < STAGES; i++)
        words_free(&stage[i]);
    if (worst >= 0) {
        char *said = last_line(p->log, name[worst]), *how = ending(status[worst]);

        err_set(e, "%s failed (%s): %.1500s", name[worst], how, said);
        free(said);
        free(how);
        return -1;
    }
    return 0;
}

int
program_run(const struct words *argv, const char *out, const char *log, struct err *e)
{
    int to = out ? open(out, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666) : -1;
    int err = log ? open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666) : -1;
    int status = 0;
    pid_t pid;

    if ((out && to < 0) || (log && err < 0))
        return err_sys(e, "%s: cannot write", out && to < 0 ? out : log);
    pid = child_start(argv, -1, to, err);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    child_gone(pid);
    if (to >= 0)
        close(to);
    if (err >= 0)
        close(err);
    if (status) {
        char *said = log ? last_line(log, argv->item[0]) : mem_strdup("see above"), *how = ending(status);

        err_set(e, "%s failed (%s): %.1500s", argv->item[0], how, said);
        free(said);
        free(how);
        return -1;
    }
    return 0;
}
