/* Callers of streams: callers PORT REQUEST_FILE CONNECTIONS STREAMS DEADLINE_S
 *
 * Each of CONNECTIONS asks for STREAMS streams, one after another, with the bytes of REQUEST_FILE; the first ones start
 * spread over a second, as callers do. Prints one line, times in microseconds:
 *   streams events failures seconds first_p50 first_p99 delay_p50 delay_p99
 * first: from the request to the first event. delay: from the nanosecond that the upstream wrote into an event
 * (" t=<19 digits> ", same clock) to the event's arrival here. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BUFFER = 65536, DIGITS = 19, STAGGER_NS = 1000000000, READY = 256 };

struct caller {
    int fd, left; /* streams that it still has to finish */
    int got_event, got_done, got_status;
    int64_t start, asked;
    size_t used;
    char in[BUFFER + 1];
};

static char request[BUFFER];
static size_t request_size;
static int port, poller, running;
static long streams, events, failures, answered;
static double *firsts, *delays;
static long first_room, delay_room;

static int64_t now(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return at.tv_sec * 1000000000LL + at.tv_nsec;
}

static void hang_up(struct caller *caller) {
    if (caller->fd >= 0) close(caller->fd);
    caller->fd = -1;
}

static void dial(struct caller *caller) {
    struct sockaddr_in there = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int on = 1;
    caller->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(caller->fd, (struct sockaddr *)&there, sizeof there)) perror("callers"), exit(1);
    setsockopt(caller->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    fcntl(caller->fd, F_SETFL, O_NONBLOCK);
    struct epoll_event want = {.events = EPOLLIN, .data.ptr = caller};
    epoll_ctl(poller, EPOLL_CTL_ADD, caller->fd, &want);
}

static void ask(struct caller *caller) {
    if (caller->fd < 0) dial(caller);
    caller->got_event = caller->got_done = caller->got_status = 0;
    caller->used = 0;
    caller->asked = now();
    if (write(caller->fd, request, request_size) != (ssize_t)request_size) perror("callers"), exit(1);
}

static void finished(struct caller *caller, int is_whole) {
    streams += is_whole;
    failures += !is_whole;
    if (!is_whole) hang_up(caller);
    if (--caller->left > 0) ask(caller);
    else running--, hang_up(caller);
}

/* Takes the events out of the buffer; what may be the beginning of one stays. */
static void read_events(struct caller *caller, int64_t at) {
    char *from = caller->in, *mark;
    caller->in[caller->used] = 0;
    while ((mark = strstr(from, " t=")) != NULL && mark + 3 + DIGITS <= caller->in + caller->used) {
        if (events < delay_room) delays[events] = (double)(at - strtoll(mark + 3, NULL, 10)) / 1000;
        events++;
        if (!caller->got_event) firsts[answered++] = (double)(at - caller->asked) / 1000;
        caller->got_event = 1;
        from = mark + 3 + DIGITS;
    }
    if (strstr(from, "data: [DONE]") != NULL) caller->got_done = 1;
    size_t rest = (size_t)(caller->in + caller->used - from), keep = rest < 64 ? rest : 64;
    if (mark != NULL) keep = (size_t)(caller->in + caller->used - mark);
    memmove(caller->in, caller->in + caller->used - keep, keep);
    caller->used = keep;
}

static void receive(struct caller *caller) {
    ssize_t got = read(caller->fd, caller->in + caller->used, BUFFER - caller->used);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) {
        hang_up(caller);
        finished(caller, caller->got_done);
        return;
    }
    int64_t at = now();
    caller->used += (size_t)got;
    if (!caller->got_status && caller->used >= 12) {
        caller->got_status = 1;
        if (memcmp(caller->in, "HTTP/1.1 200", 12)) return finished(caller, 0);
    }
    int is_end = caller->used >= 5 && !memcmp(caller->in + caller->used - 5, "0\r\n\r\n", 5);
    read_events(caller, at);
    if (caller->got_done && is_end) finished(caller, 1);
}

static int by_size(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static double quantile(double *values, long count, double part) {
    if (count == 0) return -1;
    qsort(values, (size_t)count, sizeof *values, by_size);
    return values[(long)((double)(count - 1) * part)];
}

/* Starts the callers whose time has come; milliseconds to the next one, at most 100. */
static int start_due(struct caller *callers, int count, int64_t at) {
    int64_t next = at + 100000000;
    for (int each = 0; each < count; each++) {
        struct caller *caller = &callers[each];
        if (caller->start == 0) continue;
        if (caller->start <= at) caller->start = 0, ask(caller);
        else if (caller->start < next) next = caller->start;
    }
    return (int)((next - at) / 1000000) + 1;
}

static void run(struct caller *callers, int count, int64_t deadline) {
    while (running > 0) {
        int64_t at = now();
        if (at > deadline) {
            for (int each = 0; each < count; each++) failures += callers[each].left;
            return;
        }
        struct epoll_event ready[READY];
        int found = epoll_wait(poller, ready, READY, start_due(callers, count, at));
        for (int each = 0; each < found; each++) receive(ready[each].data.ptr);
    }
}

int main(int argc, char **argv) {
    if (argc != 6) return fprintf(stderr, "callers PORT REQUEST_FILE CONNECTIONS STREAMS DEADLINE_S\n"), 2;
    FILE *file = fopen(argv[2], "rb");
    if (file == NULL) return perror(argv[2]), 1;
    request_size = fread(request, 1, sizeof request, file);
    fclose(file);
    port = atoi(argv[1]);
    running = atoi(argv[3]);
    int count = running, each_streams = atoi(argv[4]);
    first_room = (long)count * each_streams;
    delay_room = first_room * 1000;
    firsts = calloc((size_t)first_room, sizeof *firsts);
    delays = malloc((size_t)delay_room * sizeof *delays);
    struct caller *callers = calloc((size_t)count, sizeof *callers);
    if (firsts == NULL || delays == NULL || callers == NULL) return perror("callers"), 1;
    poller = epoll_create1(0);
    int64_t begin = now();
    for (int each = 0; each < count; each++)
        callers[each] = (struct caller){.fd = -1, .left = each_streams, .start = begin + (int64_t)STAGGER_NS * each / count};
    run(callers, count, begin + atoll(argv[5]) * 1000000000);
    printf("%ld %ld %ld %.3f %.1f %.1f %.1f %.1f\n", streams, events, failures, (double)(now() - begin) / 1e9,
           quantile(firsts, answered, 0.5), quantile(firsts, answered, 0.99),
           quantile(delays, events < delay_room ? events : delay_room, 0.5),
           quantile(delays, events < delay_room ? events : delay_room, 0.99));
    return 0;
}
