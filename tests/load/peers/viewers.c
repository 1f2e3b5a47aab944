/* A crowd of real WebSocket viewers in one process, cheap enough to measure servers with.

   viewers PORT COUNT AT_ONCE NEEDLE GREETINGS REQUEST

   Each viewer sends the bytes of file REQUEST (an upgrade that ends with an empty line), is
   answered 101 with the right key, sends its greeting (file GREETINGS: payloads ended by a
   zero byte, one per viewer; may be empty) and is in when it has seen NEEDLE ("" = at once).
   Refused with 503, or cut off on the way, it comes again after the pause that the SDKs make.
   Pings are answered. Every message holds "n":<number>,"at":<monotonic ns>; the numbers must
   follow one another. Commands on stdin, answers on stdout:

   enter             all come in                  ready SECONDS REFUSED MEDIAN_MS SLOWEST_MS
   expect N SECONDS  all have had message N       got DELIVERIES P50 P99 MAX READS (ms)
   again GREETINGS   all are cut off, come again  cut, then ready ...                        */
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
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { AWAY, CONNECTING, UPGRADING, GREETING, IN };
enum { ROOM = 1 << 20, BINS = 400000 }; /* bins of 0.1 ms */

typedef struct {
    int fd, state, tries;
    long seen;
    double due, began;
    char *rest;
    size_t kept;
} Viewer;

static const char ACCEPT[] = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
static Viewer *viewers;
static char **greetings, *request, buffer[ROOM * 2];
static const char *needle;
static int port, count, at_once, epoll_fd, in, underway;
static long refused, deliveries, reads, expected;
static uint32_t *bins;
static double slowest, storm_began, *entered_after, deadline;
static int waiting_for; /* 0 nothing, 1 all in, 2 all told */

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static void die(const char *why) {
    printf("lost %s (%s)\n", why, strerror(errno));
    exit(1);
}

static char *slurp(const char *path, size_t *size) {
    FILE *f = fopen(path, "rb");
    if (!f) die(path);
    fseek(f, 0, SEEK_END);
    *size = ftell(f);
    rewind(f);
    char *text = calloc(1, *size + 1);
    if (fread(text, 1, *size, f) != *size) die(path);
    fclose(f);
    return text;
}

static void load_greetings(const char *path) {
    size_t size;
    char *text = slurp(path, &size), *end = text + size;
    for (int i = 0; i < count; i++) {
        greetings[i] = text < end ? text : NULL;
        if (text < end) text += strlen(text) + 1;
    }
}

static void watch(Viewer *v, uint32_t events, int op) {
    struct epoll_event e = {.events = events, .data.u32 = v - viewers};
    if (epoll_ctl(epoll_fd, op, v->fd, &e)) die("epoll");
}

static void put(Viewer *v, const char *bytes, size_t size) {
    if (send(v->fd, bytes, size, MSG_NOSIGNAL) != (ssize_t)size && errno == EAGAIN) die("send");
}

static void say(Viewer *v, int opcode, const char *text, size_t size) {
    char frame[65600];
    size_t head = 2;
    frame[0] = 0x80 | opcode;
    if (size < 126) {
        frame[1] = 0x80 | size;
    } else {
        frame[1] = 0x80 | 126;
        frame[2] = size >> 8;
        frame[3] = size;
        head = 4;
    }
    memset(frame + head, 0, 4); /* a mask of zeros is as good as any here */
    memcpy(frame + head + 4, text, size);
    put(v, frame, head + 4 + size);
}

static void hang_up(Viewer *v) {
    struct linger hard = {1, 0};
    setsockopt(v->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    close(v->fd);
    if (v->state == IN) in--;
    else if (v->state != AWAY) underway--;
    v->state = AWAY;
    v->kept = 0;
    v->fd = -1;
}

/* Full jitter, doubling from half a second to twenty. */
static void come_later(Viewer *v) {
    double most = 0.5 * (1 << (v->tries < 6 ? v->tries : 6));
    if (most > 20) most = 20;
    v->tries++;
    v->due = now() + most * (rand() / (double)RAND_MAX);
}

static void turned_away(Viewer *v) {
    if (waiting_for != 1) die("thrown out");
    refused++;
    hang_up(v);
    come_later(v);
}

static void dial(Viewer *v) {
    int i = v - viewers, one = 1;
    v->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (v->fd < 0) die("socket");
    setsockopt(v->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    setsockopt(v->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
    struct sockaddr_in from = {.sin_family = AF_INET}, to = {.sin_family = AF_INET};
    from.sin_addr.s_addr = htonl(0x7f000002 + i % 16);
    if (bind(v->fd, (struct sockaddr *)&from, sizeof from)) die("bind");
    to.sin_addr.s_addr = htonl(0x7f000001);
    to.sin_port = htons(port);
    v->state = CONNECTING;
    if (!v->began) v->began = now();
    v->due = 0;
    underway++;
    if (connect(v->fd, (struct sockaddr *)&to, sizeof to) && errno != EINPROGRESS) die("connect");
    watch(v, EPOLLOUT, EPOLL_CTL_ADD);
}

static void come_in(Viewer *v) {
    v->state = IN;
    v->tries = 0;
    underway--;
    entered_after[in++] = now() - v->began;
}

static void received(Viewer *v, const char *at, const char *end, double moment) {
    while ((at = memmem(at, end - at, "\"n\":", 4))) {
        char *after;
        long n = strtol(at + 4, &after, 10);
        if (n != v->seen + 1) {
            printf("lost message %ld came after %ld\n", n, v->seen);
            exit(1);
        }
        v->seen = n;
        deliveries++;
        double took = moment - strtoll(after + 6, &after, 10) / 1e9;
        if (took > slowest) slowest = took;
        long bin = took * 1e4;
        bins[bin < 0 ? 0 : bin < BINS ? bin : BINS - 1]++;
        at = after;
    }
}

static void frame(Viewer *v, int opcode, char *text, size_t size, double moment) {
    if (opcode == 9) say(v, 10, text, size);
    if (opcode == 8) {
        if (v->state == IN) die("closed");
        turned_away(v);
        return;
    }
    if (opcode > 2) return;
    if (size == 2 && !memcmp(text, "{}", 2)) say(v, 1, "{}", 2);
    if (size == 1 && *text == '2') say(v, 1, "3", 1);
    if (memmem(text, size, "\"error\"", 7)) {
        printf("lost %.*s\n", (int)size, text);
        exit(1);
    }
    received(v, text, text + size, moment);
    if (v->state == GREETING && memmem(text, size, needle, strlen(needle))) come_in(v);
}

static char *upgraded(Viewer *v, char *at, char *end) {
    char *body = memmem(at, end - at, "\r\n\r\n", 4);
    if (!body) return at;
    if (!memcmp(at, "HTTP/1.1 503", 12)) {
        turned_away(v);
        return end;
    }
    if (memcmp(at, "HTTP/1.1 101", 12) || !memmem(at, body - at, ACCEPT, sizeof ACCEPT - 1)) {
        printf("lost %.*s\n", (int)(end - at), at);
        exit(1);
    }
    v->state = GREETING;
    char *greeting = greetings[v - viewers];
    if (greeting) say(v, 1, greeting, strlen(greeting));
    if (!*needle) come_in(v);
    return body + 4;
}

static void readable(Viewer *v) {
    memcpy(buffer, v->rest, v->kept);
    ssize_t got = recv(v->fd, buffer + v->kept, ROOM, 0);
    if (got <= 0) {
        if (got < 0 && errno == EAGAIN) return;
        turned_away(v);
        return;
    }
    double moment = now();
    reads++;
    char *at = buffer, *end = buffer + v->kept + got;
    if (v->state == UPGRADING) at = upgraded(v, at, end);
    while (v->state > UPGRADING && end - at >= 2) {
        unsigned char *head = (unsigned char *)at;
        size_t size = head[1], start = 2;
        if (size == 126) {
            if (end - at < 4) break;
            size = head[2] << 8 | head[3];
            start = 4;
        } else if (size == 127) {
            if (end - at < 10) break;
            size = 0;
            for (int i = 2; i < 10; i++) size = size << 8 | head[i];
            start = 10;
        }
        if ((size_t)(end - at) < start + size) break;
        frame(v, head[0] & 15, at + start, size, moment);
        at += start + size;
    }
    if (v->state == AWAY) return;
    v->kept = end - at;
    if (v->kept) {
        v->rest = realloc(v->rest, v->kept);
        memcpy(v->rest, at, v->kept);
    }
}

static void event(Viewer *v, uint32_t events) {
    if (v->state == AWAY) return;
    if (v->state == CONNECTING) {
        if (events & (EPOLLERR | EPOLLHUP)) {
            turned_away(v);
            return;
        }
        v->state = UPGRADING;
        put(v, request, strlen(request));
        watch(v, EPOLLIN, EPOLL_CTL_MOD);
        return;
    }
    readable(v);
}

static int by_size(const void *a, const void *b) {
    double x = *(double *)a, y = *(double *)b;
    return x < y ? -1 : x > y;
}

static double percentile(double share) {
    uint64_t sum = 0, want = deliveries * share;
    for (int i = 0; i < BINS; i++)
        if ((sum += bins[i]) > want) return i / 10.0;
    return BINS / 10.0;
}

static void answer(void) {
    if (waiting_for == 1 && in == count) {
        qsort(entered_after, count, sizeof *entered_after, by_size);
        printf("ready %f %ld %f %f\n", now() - storm_began, refused,
               entered_after[count / 2] * 1e3, entered_after[count - 1] * 1e3);
        waiting_for = 0;
    }
    if (waiting_for == 2) {
        int told = 0;
        while (told < count && viewers[told].seen >= expected) told++;
        if (told < count && now() < deadline) return;
        if (told < count) {
            printf("lost a message: viewer %d has %ld of %ld\n", told, viewers[told].seen, expected);
            exit(1);
        }
        printf("got %ld %f %f %f %ld\n", deliveries, percentile(.5), percentile(.99), slowest * 1e3, reads);
        memset(bins, 0, BINS * sizeof *bins);
        deliveries = reads = 0;
        slowest = 0;
        waiting_for = 0;
    }
}

static void all_come(void) {
    waiting_for = 1;
    refused = 0;
    storm_began = now();
    for (int i = 0; i < count; i++) {
        viewers[i].due = storm_began;
        viewers[i].began = viewers[i].tries = 0;
    }
}

static void command(void) {
    char line[4096];
    ssize_t size = read(0, line, sizeof line - 1);
    if (size <= 0) exit(0);
    line[size] = 0;
    double seconds;
    if (sscanf(line, "expect %ld %lf", &expected, &seconds) == 2) {
        waiting_for = 2;
        deadline = now() + seconds;
    } else if (!strncmp(line, "enter", 5)) {
        all_come();
    } else if (!strncmp(line, "again ", 6)) {
        line[strcspn(line, "\n")] = 0;
        load_greetings(line + 6);
        for (int i = 0; i < count; i++) hang_up(viewers + i);
        printf("cut\n");
        at_once = count;
        all_come();
        for (int i = 0; i < count; i++) {
            come_later(viewers + i);
            viewers[i].began = storm_began; /* the pause is part of it */
        }
    } else {
        die(line);
    }
}

int main(int argc, char **argv) {
    if (argc != 7) die("usage: viewers PORT COUNT AT_ONCE NEEDLE GREETINGS REQUEST");
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    setvbuf(stdout, NULL, _IOLBF, 0);
    port = atoi(argv[1]);
    count = atoi(argv[2]);
    at_once = atoi(argv[3]);
    needle = argv[4];
    viewers = calloc(count, sizeof *viewers);
    greetings = calloc(count, sizeof *greetings);
    entered_after = calloc(count, sizeof *entered_after);
    bins = calloc(BINS, sizeof *bins);
    load_greetings(argv[5]);
    size_t size;
    request = slurp(argv[6], &size);
    epoll_fd = epoll_create1(0);
    struct epoll_event e = {.events = EPOLLIN, .data.u32 = count}, ready[512];
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, 0, &e);
    for (int i = 0; i < count; i++) viewers[i].fd = -1;
    double looked = 0;
    for (;;) {
        int wait = waiting_for ? 2 : -1;
        int n = epoll_wait(epoll_fd, ready, 512, wait);
        for (int i = 0; i < n; i++) {
            if (ready[i].data.u32 == (uint32_t)count) command();
            else event(viewers + ready[i].data.u32, ready[i].events);
        }
        double moment = now();
        if (!waiting_for || moment - looked < 0.002) continue;
        looked = moment;
        if (waiting_for == 1)
            for (int i = 0; i < count && underway < at_once; i++)
                if (viewers[i].state == AWAY && viewers[i].due && viewers[i].due <= moment) dial(viewers + i);
        answer();
    }
}
