/* A mock model server that costs next to nothing: upstream PORT ANSWER_FILE EVENTS INTERVAL_US
 *
 * A plain request gets the bytes of ANSWER_FILE as JSON. A request whose body says "stream":true gets EVENTS
 * server-sent events, one every INTERVAL_US microseconds, the first at once, each with the monotonic nanosecond at
 * which it was written as " t=<19 digits> " in its content: the receiver reads the delay from it. Every stream has the
 * same interval, so the streams that wait stand in one queue that is always in order.
 * A GET is answered with the number of the other requests so far. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { BUFFER = 65536, READY = 256 };

struct peer {
    int fd;
    int sent; /* events of the running stream; -1 when none runs */
    int64_t due;
    struct peer *next;
    size_t used;
    char in[BUFFER + 1];
};

static char *answer;
static int answer_size, events;
static long served;
static int64_t interval_ns;
static struct peer *first, *last;

static int64_t now(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return at.tv_sec * 1000000000LL + at.tv_nsec;
}

static void leave(struct peer *peer) {
    struct peer **at = &first, *before = NULL;
    while (peer->sent >= 0 && *at != NULL && *at != peer) before = *at, at = &(*at)->next;
    if (peer->sent >= 0 && *at == peer) {
        *at = peer->next;
        if (last == peer) last = before;
    }
    close(peer->fd);
    free(peer);
}

static void wait_in_line(struct peer *peer) {
    peer->next = NULL;
    if (last == NULL) first = peer;
    else last->next = peer;
    last = peer;
}

/* One event in one chunk, and after the last one the end of the stream. 0 when the peer is gone or far behind. */
static int send_event(struct peer *peer) {
    char data[512], out[1024];
    int is_last = ++peer->sent == events;
    int size = snprintf(data, sizeof data,
                        "data: {\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion.chunk\",\"created\":1763800000,"
                        "\"model\":\"gpt-4o\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":"
                        "\" t=%019lld \"},\"finish_reason\":%s}]}\n\n",
                        (long long)now(), is_last ? "\"stop\"" : "null");
    int total = snprintf(out, sizeof out, "%x\r\n%s\r\n%s", (unsigned)size, data,
                         is_last ? "e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n" : "");
    if (write(peer->fd, out, (size_t)total) != total) return 0;
    if (is_last) peer->sent = -1;
    else wait_in_line(peer);
    return 1;
}

static int serve(struct peer *peer, int is_stream) {
    static const char head[] = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
    if (!is_stream) return write(peer->fd, answer, (size_t)answer_size) == answer_size;
    if (write(peer->fd, head, sizeof head - 1) != (ssize_t)sizeof head - 1) return 0;
    peer->sent = 0;
    peer->due = now() + interval_ns;
    return send_event(peer);
}

static int tell_served(struct peer *peer) {
    char number[32], out[160];
    int size = snprintf(number, sizeof number, "%ld", served);
    int total = snprintf(out, sizeof out, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s",
                         size, number);
    return write(peer->fd, out, (size_t)total) == total;
}

/* Size of the first whole request in the buffer; 0 while it is not whole. */
static size_t request_size(struct peer *peer, char **body) {
    peer->in[peer->used] = 0;
    char *end = strstr(peer->in, "\r\n\r\n");
    if (end == NULL) return 0;
    *body = end + 4;
    *end = 0;
    char *length = strcasestr(peer->in, "\r\ncontent-length:");
    char *chunked = strcasestr(peer->in, "\r\ntransfer-encoding: chunked");
    *end = '\r';
    size_t size = (size_t)(*body - peer->in);
    if (chunked != NULL) {
        char *stop = strstr(*body, "\r\n0\r\n\r\n");
        return stop == NULL ? 0 : (size_t)(stop - peer->in) + 7;
    }
    if (length != NULL) size += strtoul(length + 17, NULL, 10);
    return size <= peer->used ? size : 0;
}

static int receive(struct peer *peer) {
    ssize_t got = read(peer->fd, peer->in + peer->used, BUFFER - peer->used);
    if (got <= 0) return got < 0 && errno == EAGAIN;
    peer->used += (size_t)got;
    char *body;
    size_t size;
    while (peer->sent < 0 && (size = request_size(peer, &body)) > 0) {
        size_t rest = (size_t)(peer->in + size - body);
        int is_count = !memcmp(peer->in, "GET ", 4);
        int is_stream = memmem(body, rest, "\"stream\":true", 13) || memmem(body, rest, "\"stream\": true", 14);
        peer->used -= size;
        memmove(peer->in, peer->in + size, peer->used);
        served += !is_count;
        if (!(is_count ? tell_served(peer) : serve(peer, is_stream))) return 0;
    }
    return peer->used < BUFFER;
}

static void take(int listener, int poll) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK), on = 1;
    struct peer *peer = fd < 0 ? NULL : calloc(1, sizeof *peer);
    if (peer == NULL) return;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    *peer = (struct peer){.fd = fd, .sent = -1};
    struct epoll_event want = {.events = EPOLLIN, .data.ptr = peer};
    epoll_ctl(poll, EPOLL_CTL_ADD, fd, &want);
}

static void rang(int timer) {
    uint64_t times;
    if (read(timer, &times, sizeof times) < 0 && errno != EAGAIN) perror("timer"), exit(1);
}

/* Sends what is due and sets the timer for what comes next. */
static void tick(int timer) {
    static int64_t set_for;
    while (first != NULL && first->due <= now()) {
        struct peer *peer = first;
        first = peer->next;
        if (first == NULL) last = NULL;
        peer->due += interval_ns;
        if (!send_event(peer)) shutdown(peer->fd, SHUT_RDWR), wait_in_line(peer);
    }
    int64_t at = first == NULL ? 0 : first->due;
    if (at == set_for) return;
    struct itimerspec when = {.it_value = {at / 1000000000, at % 1000000000}};
    timerfd_settime(timer, TFD_TIMER_ABSTIME, &when, NULL);
    set_for = at;
}

static int listening(int port) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), on = 1;
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port),
                               .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&here, sizeof here) || listen(fd, 1024)) perror("upstream"), exit(1);
    return fd;
}

static void load_answer(const char *path) {
    static char json[BUFFER];
    FILE *file = fopen(path, "rb");
    if (file == NULL) perror(path), exit(1);
    int size = (int)fread(json, 1, sizeof json - 1, file);
    answer_size = asprintf(&answer, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
                           size, json);
    fclose(file);
}

int main(int argc, char **argv) {
    if (argc != 5) return fprintf(stderr, "upstream PORT ANSWER_FILE EVENTS INTERVAL_US\n"), 2;
    signal(SIGPIPE, SIG_IGN);
    load_answer(argv[2]);
    events = atoi(argv[3]);
    interval_ns = atoll(argv[4]) * 1000;
    int listener = listening(atoi(argv[1])), poll = epoll_create1(0);
    int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    struct epoll_event callers = {.events = EPOLLIN, .data.ptr = &first}, clock = {.events = EPOLLIN, .data.ptr = &last};
    epoll_ctl(poll, EPOLL_CTL_ADD, listener, &callers);
    epoll_ctl(poll, EPOLL_CTL_ADD, timer, &clock);
    for (;;) {
        struct epoll_event ready[READY];
        int count = epoll_wait(poll, ready, READY, -1);
        for (int at = 0; at < count; at++) {
            if (ready[at].data.ptr == &first) take(listener, poll);
            else if (ready[at].data.ptr == &last) rang(timer);
            else if (!receive(ready[at].data.ptr)) leave(ready[at].data.ptr);
        }
        tick(timer);
    }
}
